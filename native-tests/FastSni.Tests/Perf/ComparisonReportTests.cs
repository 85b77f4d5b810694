using System.Text.Json.Nodes;
using System.Xml.Linq;
using FastSni.Compare;
using FastSni.Compare.Contenders;
using FastSni.Compare.Modes;
using FastSni.Compare.Reporting;
using Xunit;

namespace FastSni.Tests.Perf;

public class ComparisonReportTests
{
    private readonly Results _results = new();

    [Fact]
    public void The_json_has_every_value_and_the_ratios_and_the_verdict()
    {
        Add(1, "limit", 50);
        Add(1, "limit-lazy-ack", 45);
        Add(2, "limit", double.NaN);
        Add(3, "limit", 60.12345678);
        JsonNode root = JsonNode.Parse(JsonReport.Render(Report()))!;
        JsonNode contenders = root["modes"]!["conn"]!["metrics"]!["cpu"]!["contenders"]!;
        Assert.Equal("[50,null,60.1235]", contenders["limit"]!["values"]!.ToJsonString());
        Assert.Equal("""{"median":0.9,"least":0.9,"greatest":0.9}""", contenders["limit-lazy-ack"]!["ratios"]!["limit"]!.ToJsonString());
        Assert.Equal("perf/reference/limit", root["versions"]!["limit"]!.GetValue<string>());
        Assert.Equal("LEFT OUT: caddy: it is not installed", root["leftOut"]![0]!.GetValue<string>());
        Assert.Equal(1, root["schema"]!.GetValue<int>());
        JsonNode goal = root["fastsni"]!.AsArray().First(entry => entry!["reference"]?.GetValue<string>() == "limit")!;
        Assert.Equal(("notMeasured", 1.1, 0.95), (goal["boundMet"]!.GetValue<string>(), goal["bound"]!.GetValue<double>(), goal["goal"]!.GetValue<double>()));
        Assert.False(root["boundsMet"]!.GetValue<bool>());
    }

    [Fact]
    public void The_picture_holds_a_chart_a_mode_one_below_the_other()
    {
        Add(1, "limit", 50);
        XElement picture = XElement.Parse(Plot.Render(Report()));
        XElement chart = Assert.Single(picture.Elements(), element => element.Name.LocalName == "svg");
        Assert.Equal(chart.Attribute("height")!.Value, picture.Attribute("height")!.Value);
        Assert.Contains("CPU µs/connection", chart.Value, StringComparison.Ordinal);
    }

    private void Add(int repetition, string contender, double cpu) =>
        _results.Add("conn", repetition, contender, new(new Dictionary<string, double> { ["cpu"] = cpu }));

    private Report Report()
    {
        string[] modes = ["conn", "idle"], contenders = ["limit", "limit-lazy-ack", "caddy", "fastsni"];
        return new()
        {
            Options = new()
            {
                FastSniPath = null, Modes = modes, Contenders = contenders, Repetitions = 3, Seconds = 1, WarmupSeconds = 0, IdleConnections = 1, Names = 1,
                Minutes = 90, WorkerCpu = 1, LoadCpu = 0, ReportPath = null, ReferenceDirectory = "",
            },
            Begun = new(2026, 11, 23, 12, 0, 0, TimeSpan.FromHours(1)),
            Took = TimeSpan.FromMinutes(2),
            Machine = ["2 × a processor"],
            LeftOut = ["LEFT OUT: caddy: it is not installed"],
            Contenders = [.. contenders.Take(2).Select(name => ContenderCatalogue.Create(name, "limit", fastSniPath: null))],
            Modes = [.. modes.Select(ModeCatalogue.Find)],
            Results = _results,
            Scorecard = new(_results, modes, contenders),
        };
    }
}
