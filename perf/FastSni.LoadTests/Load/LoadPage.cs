using System.Globalization;
using System.Xml.Linq;
using FastSni.Reports;

namespace FastSni.LoadTests.Load;

/// <summary>The report as one HTML file that needs nothing else: tables, and plots as inline SVG.</summary>
internal static class LoadPage
{
    private const string Style = """
        body { font-family: sans-serif; margin: 2em auto; max-width: 75em; color: #222; }
        table { border-collapse: collapse; } td, th { padding: .3em .7em; border-bottom: 1px solid #ddd; text-align: right; }
        td:first-child, th:first-child { text-align: left; } svg { max-width: 100%; height: auto; }
        """;

    /// <summary>Well-formed as XML, too.</summary>
    public static string Html(LoadReport report) => "<!DOCTYPE html>\n" + new XElement("html", new XAttribute("lang", "en"),
        new XElement("head", new XElement("meta", new XAttribute("charset", "utf-8")), new XElement("title", "FastSni under load"), new XElement("style", Style)),
        new XElement("body",
            new XElement("h1", "FastSni under load"),
            new XElement("p", $"Begun {report.Started.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC. {string.Join("; ", report.Machine)}."),
            TableOf(LoadResult.Table(report.Results)),
            report.Results.Count > 1 ? Picture(Latency("Latency of all scenarios", report.Results)) : null,
            report.Results.Select(Section)));

    private static XElement Section(LoadResult result) => new("section",
        new XElement("h2", result.Scenario),
        new XElement("p", $"{result.Description}. {result.Model}, {result.Seconds.ToString("0.#", CultureInfo.InvariantCulture)} s."),
        Picture(Latency($"{result.Scenario}: latency", [result])),
        Picture(LineChart.ToSvg($"{result.Scenario}: throughput", "seconds since measuring began", "good steps/s",
            [new(result.Scenario, [.. result.OkBySecond.Select((count, second) => (second + 0.5, count / Math.Clamp(result.Seconds - second, 0.001, 1)))])])));

    // The axis counts nines, so that what the slowest few have to wait is seen.
    private static string Latency(string title, IReadOnlyList<LoadResult> results)
    {
        double ninesMax = Math.Max(1, Math.Ceiling(results.SelectMany(result => result.Curve).Select(point => Nines(point.Percentile)).DefaultIfEmpty(0).Max()));
        (double X, string Text)[] ticks = [(0, "0"), (Nines(50), "50"), .. Enumerable.Range(1, (int)ninesMax).Select(nines => ((double)nines, PercentText(nines)))];
        return LineChart.ToSvg(title, "percentile of good steps", "ms",
            [.. results.Select(result => new Line(result.Scenario, [.. result.Curve.Select(point => (Nines(point.Percentile), point.Milliseconds))]))], ticks);
    }

    private static double Nines(double percentile) => -Math.Log10(1 - percentile / 100);

    private static string PercentText(int nines) => nines <= 2 ? new string('9', nines).PadRight(2, '0') : $"99.{new string('9', nines - 2)}";

    private static XElement TableOf(Table table) => new("div",
        new XElement("table",
            new XElement("tr", table.Headers.Select(header => new XElement("th", header))),
            table.Rows.Select(row => new XElement("tr", row.Select(cell => new XElement("td", Clean(cell)))))),
        new XElement("ul", table.Remarks.DefaultIfEmpty("no failures").Select(remark => new XElement("li", Clean(remark)))));

    private static XElement Picture(string svg) => XElement.Parse(svg);

    // A failure's text may hold what a server sent.
    private static string Clean(string text) => string.Concat(text.Select(character => System.Xml.XmlConvert.IsXmlChar(character) ? character : ' '));
}
