using System.Globalization;
using System.Xml.Linq;
using FastSni.Compare.Contenders;
using FastSni.Compare.Modes;
using FastSni.Reports;

namespace FastSni.Compare.Reporting;

/// <summary>One SVG picture of a run: a bar chart for each mode's first metric, one below the other.</summary>
internal static class Plot
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static string Render(Report report)
    {
        double width = 0, height = 0;
        XElement picture = new(Svg + "svg");
        foreach (Mode mode in report.Modes)
        {
            Metric metric = mode.Metrics[0];
            Bar[] bars = [.. Bars(mode.Name, metric.Key, report)];
            if (bars.Length == 0)
                continue;
            XElement chart = XElement.Parse(BarChart.ToSvg($"{mode.Name}: {mode.Title}", metric.Header, bars));
            chart.SetAttributeValue("y", Text(height));
            picture.Add(chart);
            width = Math.Max(width, Size(chart, "width"));
            height += Size(chart, "height");
        }
        picture.SetAttributeValue("width", Text(width));
        picture.SetAttributeValue("height", Text(height));
        picture.SetAttributeValue("viewBox", $"0 0 {Text(width)} {Text(height)}");
        return picture + "\n";
    }

    private static IEnumerable<Bar> Bars(string mode, string metric, Report report) =>
        from Contender contender in report.Contenders
        let spread = report.Results.Values(mode, contender.Name, metric)
        where !spread.IsEmpty
        select new Bar(contender.Name, spread.Median, spread.Least, spread.Greatest);

    private static double Size(XElement chart, string attribute) => double.Parse(chart.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
