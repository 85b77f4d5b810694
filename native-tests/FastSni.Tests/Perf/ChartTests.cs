using System.Globalization;
using System.Xml.Linq;
using FastSni.Reports;
using Xunit;

namespace FastSni.Tests.Perf;

public class ChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_bar_chart_is_well_formed_and_holds_every_label_as_it_was_given()
    {
        XElement chart = XElement.Parse(BarChart.ToSvg("CPU <of> a & b", "µs \"each\"", [new("a&b", 40, 38, 45), new("<script>", 60, 60, 60), new("control \u0001", 1, 1, 1)]));

        Assert.Equal(Svg + "svg", chart.Name);
        string[] texts = Texts(chart);
        Assert.Superset(new HashSet<string> { "CPU <of> a & b", "µs \"each\"", "a&b", "<script>", "control  " }, texts.ToHashSet());
        Assert.Equal("CPU <of> a & b", chart.Element(Svg + "title")!.Value);
    }

    [Fact]
    public void A_bar_is_as_long_as_its_value_and_its_whisker_reaches_from_the_least_to_the_greatest()
    {
        XElement chart = XElement.Parse(BarChart.ToSvg("t", "u", [new("half", 40, 20, 60), new("whole", 80, 80, 80)]));

        XElement[] bars = [.. chart.Elements(Svg + "rect").Skip(1)];
        Assert.Equal(2 * Number(bars[0], "width"), Number(bars[1], "width"), tolerance: 0.05);
        double zero = Number(bars[0], "x"), perUnit = Number(bars[0], "width") / 40;
        // The one bar with a range has the only three lines of this width: from end to end, and a stroke at either.
        XElement[] whisker = [.. chart.Elements(Svg + "line").Where(line => Number(line, "stroke-width") == 1.5)];
        Assert.Equal(3, whisker.Length);
        Assert.Equal(zero + 20 * perUnit, Number(whisker[0], "x1"), tolerance: 0.05);
        Assert.Equal(zero + 60 * perUnit, Number(whisker[0], "x2"), tolerance: 0.05);
    }

    [Fact]
    public void What_could_not_be_measured_has_no_bar_and_does_not_spoil_the_others()
    {
        XElement chart = XElement.Parse(BarChart.ToSvg("t", "u", [new("none", double.NaN, double.NaN, double.PositiveInfinity), new("some", 5, 4, 6)]));

        Assert.Single(chart.Elements(Svg + "rect").Skip(1));
        Assert.Contains("–", Texts(chart));
        Assert.DoesNotContain("NaN", chart.ToString());
    }

    [Fact]
    public void A_negative_bar_ends_at_zero()
    {
        XElement chart = XElement.Parse(BarChart.ToSvg("t", "%", [new("cost", 2, 2, 2), new("gain", -2, -2, -2)]));

        XElement[] bars = [.. chart.Elements(Svg + "rect").Skip(1)];
        Assert.Equal(Number(bars[0], "x"), Number(bars[1], "x") + Number(bars[1], "width"), tolerance: 0.05);
    }

    [Fact]
    public void Charts_of_nothing_are_well_formed()
    {
        Assert.Equal(Svg + "svg", XElement.Parse(BarChart.ToSvg("nothing", "u", [])).Name);
        Assert.Equal(Svg + "svg", XElement.Parse(LineChart.ToSvg("nothing", "x", "y", [])).Name);
        Assert.Equal(Svg + "svg", XElement.Parse(LineChart.ToSvg("nothing", "x", "y", [new("empty", []), new("none", [(double.NaN, 1), (1, double.NaN)])])).Name);
    }

    [Fact]
    public void A_line_chart_has_units_a_legend_and_a_line_through_every_finite_point()
    {
        Line[] lines = [.. Enumerable.Range(0, 8).Select(number => new Line($"line <{number}>", [(0, number), (1, double.NaN), (2, 2 * number)]))];
        XElement chart = XElement.Parse(LineChart.ToSvg("t", "seconds", "requests/s", lines));

        Assert.Superset(new HashSet<string> { "seconds", "requests/s", "line <0>", "line <7>" }, Texts(chart).ToHashSet());
        XElement[] drawn = [.. chart.Elements(Svg + "polyline")];
        // Each once in the plot, once in the legend; the eighth begins the colours anew, with dashes.
        Assert.Equal(16, drawn.Length);
        Assert.All(drawn, line => Assert.Equal(2, line.Attribute("points")!.Value.Split(' ').Length));
        Assert.Equal(drawn[0].Attribute("stroke")!.Value, drawn[14].Attribute("stroke")!.Value);
        Assert.NotNull(drawn[14].Attribute("stroke-dasharray"));
    }

    [Fact]
    public void Ticks_of_ones_own_set_the_ends_of_the_axis()
    {
        XElement chart = XElement.Parse(LineChart.ToSvg("t", "percentile", "ms", [new("a", [(0, 1), (3, 9)])], [(0, "0"), (1, "90"), (2, "99"), (3, "99.9")]));

        Assert.Superset(new HashSet<string> { "0", "90", "99", "99.9" }, Texts(chart).ToHashSet());
        Assert.DoesNotContain("0.5", Texts(chart));
    }

    [Theory]
    [InlineData(0, 47.5, 0, 50, 10)]
    [InlineData(0, 6, 0, 6, 1)]
    [InlineData(0, 0.0031, 0, 0.004, 0.001)]
    [InlineData(-4, 4, -4, 4, 2)]
    [InlineData(0, 0, 0, 1, 0.2)]
    [InlineData(1_000_000, 1_000_001, 1_000_000, 1_000_001, 0.2)]
    public void An_axis_ends_at_round_numbers(double least, double greatest, double from, double to, double step)
    {
        Scale scale = Scale.Over([least, greatest]);

        Assert.Equal((from, to, step), (Math.Round(scale.Least, 6), Math.Round(scale.Greatest, 6), Math.Round(scale.Step, 6)));
        Assert.Equal(to, scale.Ticks.Last(), precision: 6);
    }

    [Theory]
    [InlineData(50, "0 10 20 30 40 50")]
    [InlineData(1, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(6000, "0 1,000 2,000 3,000 4,000 5,000 6,000")]
    public void Ticks_have_the_decimals_they_need(double greatest, string expected)
    {
        Scale scale = Scale.FromZero([greatest]);

        Assert.Equal(expected, string.Join(' ', scale.Ticks.Select(scale.Text)));
    }

    private static string[] Texts(XElement chart) => [.. chart.Elements(Svg + "text").Select(text => text.Value)];

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
