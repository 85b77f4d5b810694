using FastSni.Compare;
using Xunit;

namespace FastSni.Tests.Perf;

public class SpreadTests
{
    [Fact]
    public void The_median_is_the_middle_value_or_the_mean_of_the_middle_two()
    {
        Assert.Equal(3, new Spread([9, 1, 3]).Median);
        Assert.Equal(4, new Spread([9, 1, 3, 5]).Median);
    }

    [Fact]
    public void It_shows_median_and_range_or_what_there_is()
    {
        Assert.Equal("3.0 (1.0–9.0)", new Spread([9, 1, 3]).Show("0.0"));
        Assert.Equal("9.0", new Spread([9]).Show("0.0"));
        Assert.Equal("–", new Spread([]).Show("0.0"));
    }

    [Fact]
    public void Ratios_are_taken_inside_a_repetition_and_only_where_both_were_measured()
    {
        Results results = new();
        results.Add("conn", 1, "fastsni", Sample(10));
        results.Add("conn", 1, "nginx", Sample(20));
        results.Add("conn", 2, "fastsni", Sample(90));
        results.AddFailure("conn", 2, "nginx", "it did not start");
        results.Add("conn", 3, "fastsni", Sample(30));
        results.Add("conn", 3, "nginx", Sample(40));
        Assert.Equal("0.63 (0.50–0.75)", results.Ratio("conn", "fastsni", "nginx", "cpu").Show("0.00"));
        Assert.Equal([20, null, 40], results.EachRepetition("conn", "nginx", "cpu"));
        Assert.Equal(["nginx #2: not measured: it did not start"], results.Remarks("conn"));
    }

    private static Sample Sample(double cpu) => new(new Dictionary<string, double> { ["cpu"] = cpu });
}
