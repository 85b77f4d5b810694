using System.Text.Json;
using System.Xml.Linq;
using FastSni.LoadTests.Load;
using Xunit;

namespace FastSni.Tests.Perf;

public class LoadReportTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void The_page_is_well_formed_and_holds_the_figures_and_the_plots_of_every_scenario()
    {
        XElement page = Page(Result("passthrough", 100, "status <502> & more\u0002"), Result("redirect", 200, null));

        string[] cells = [.. page.Descendants("td").Select(cell => cell.Value)];
        Assert.Superset(new HashSet<string> { "passthrough", "redirect", "5/s at fixed times", "100", "200", "1" }, cells.ToHashSet());
        Assert.Contains(page.Descendants("li"), remark => remark.Value == "passthrough: 1 × status <502> & more ");
        // Three digits of precision, so 10 ms may read as 10.00 or 10.01.
        Assert.Contains(cells, cell => cell.StartsWith("10.0", StringComparison.Ordinal));
        // One of all scenarios, and for each its latency and its throughput.
        string[] titles = [.. page.Descendants(Svg + "svg").Select(chart => chart.Element(Svg + "title")!.Value)];
        Assert.Equal(
            ["Latency of all scenarios", "passthrough: latency", "passthrough: throughput", "redirect: latency", "redirect: throughput"], titles);
        Assert.All(page.Descendants(Svg + "svg"), chart => Assert.NotEmpty(chart.Elements(Svg + "polyline").First().Attribute("points")!.Value));
    }

    [Fact]
    public void A_run_without_one_good_step_still_has_a_page()
    {
        LoadTally tally = new(TimeSpan.FromSeconds(2));
        tally.Record(StepResult.Failed("connection: ConnectionRefused"), TimeSpan.Zero, TimeSpan.Zero);

        XElement page = Page(LoadResult.Of(ScenarioCatalogue.All[0], Plan, tally, 2));

        Assert.DoesNotContain("NaN", page.ToString());
        Assert.Equal(2, page.Descendants(Svg + "svg").Count());
    }

    [Fact]
    public void The_page_needs_nothing_from_elsewhere()
    {
        XElement page = Page(Result("passthrough", 3, null));

        Assert.DoesNotContain(page.Descendants(), element => element.Name.LocalName is "script" or "link" or "img" or "iframe");
        Assert.DoesNotContain("url(", page.ToString());
    }

    [Fact]
    public void The_json_tells_the_same()
    {
        LoadReport report = new(DateTimeOffset.UnixEpoch, ["a machine"], [Result("passthrough", 100, "status 502")]);

        using JsonDocument json = JsonDocument.Parse(JsonSerializer.Serialize(report, LoadReportJson.Default.LoadReport));

        JsonElement result = json.RootElement.GetProperty("results")[0];
        Assert.Equal("passthrough", result.GetProperty("scenario").GetString());
        Assert.Equal(100, result.GetProperty("ok").GetInt64());
        Assert.Equal(50, result.GetProperty("ratePerSecond").GetDouble());
        Assert.Equal(1, result.GetProperty("failures").GetProperty("status 502").GetInt64());
        Assert.Equal(10, result.GetProperty("p50").GetDouble(), tolerance: 0.1);
    }

    [Fact]
    public void Latencies_are_those_of_the_good_steps_and_never_fall_along_the_curve()
    {
        LoadTally tally = new(TimeSpan.FromSeconds(2));
        for (int number = 1; number <= 1000; number++)
            tally.Record(StepResult.Ok(1), TimeSpan.FromMilliseconds(number), TimeSpan.Zero);
        tally.Record(StepResult.Failed("late"), TimeSpan.FromSeconds(10), TimeSpan.Zero);

        LoadResult result = LoadResult.Of(ScenarioCatalogue.All[0], Plan, tally, 2);

        Assert.Equal(500, result.P50, tolerance: 1);
        Assert.Equal(990, result.P99, tolerance: 1);
        Assert.Equal(1000, result.Max, tolerance: 1);
        Assert.Equal(result.Curve.OrderBy(point => point.Percentile).Select(point => point.Milliseconds).Order(), result.Curve.Select(point => point.Milliseconds));
        Assert.InRange(result.Curve[^1].Percentile, 99.8, 99.901);
    }

    [Fact]
    public void Every_scenario_can_be_named_alone_in_a_list_and_all_at_once()
    {
        string[] names = [.. ScenarioCatalogue.All.Select(scenario => scenario.Name)];

        Assert.Equal(["passthrough", "https-keepalive", "https-new", "redirect", "mixed"], names);
        Assert.Equal(names, ScenarioCatalogue.Find("all").Select(scenario => scenario.Name));
        Assert.Equal(["passthrough", "redirect"], ScenarioCatalogue.Find("redirect, passthrough").Select(scenario => scenario.Name));
        Assert.Equal(["redirects"], ScenarioCatalogue.Unknown("mixed,redirects"));
    }

    private static LoadPlan Plan => new(new Inject(5), TimeSpan.Zero, TimeSpan.FromSeconds(2));

    private static LoadResult Result(string name, int ok, string? failure)
    {
        LoadTally tally = new(Plan.Length);
        for (int number = 0; number < ok; number++)
            tally.Record(StepResult.Ok(1000), TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(number % 2));
        if (failure is not null)
            tally.Record(StepResult.Failed(failure), TimeSpan.Zero, TimeSpan.Zero);
        return LoadResult.Of(ScenarioCatalogue.Find(name)[0], Plan, tally, 2);
    }

    private static XElement Page(params LoadResult[] results)
    {
        string html = LoadPage.Html(new(DateTimeOffset.UnixEpoch, ["a machine"], results));
        Assert.StartsWith("<!DOCTYPE html>\n", html);
        return XElement.Parse(html["<!DOCTYPE html>\n".Length..]);
    }
}
