using FastSni.Compare;
using Xunit;

namespace FastSni.Tests.Perf;

public class TimeCapTests
{
    private const string Short = "conn", Long = "names", New = "idle";

    private readonly TimeCap _cap = new(TimeSpan.FromMinutes(10));

    [Fact]
    public void The_first_round_begins_while_there_is_any_time_left()
    {
        Assert.True(_cap.Allows(New, TimeSpan.FromMinutes(10)));
        Assert.False(_cap.Allows(New, TimeSpan.FromMinutes(10.1)));
    }

    [Fact]
    public void A_round_that_took_too_long_the_last_time_is_not_begun_and_a_shorter_one_still_is()
    {
        _cap.Record(Short, TimeSpan.FromMinutes(1));
        _cap.Record(Long, TimeSpan.FromMinutes(4));
        Assert.False(_cap.Allows(Long, TimeSpan.FromMinutes(7)));
        Assert.True(_cap.Allows(Short, TimeSpan.FromMinutes(7)));
        Assert.False(_cap.Allows(Short, TimeSpan.FromMinutes(9.5)));
    }

    [Fact]
    public void A_mode_not_seen_yet_is_expected_to_take_as_long_as_the_longest()
    {
        _cap.Record(Long, TimeSpan.FromMinutes(4));
        _cap.Record(Short, TimeSpan.FromMinutes(1));
        Assert.True(_cap.Allows(New, TimeSpan.FromMinutes(6)));
        Assert.False(_cap.Allows(New, TimeSpan.FromMinutes(6.1)));
    }

    [Fact]
    public void What_was_begun_goes_on_until_the_time_is_over()
    {
        Assert.False(_cap.IsOver(TimeSpan.FromMinutes(10)));
        Assert.True(_cap.IsOver(TimeSpan.FromMinutes(10.1)));
    }
}
