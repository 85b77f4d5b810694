namespace FastSni.Reports;

/// <summary>One line of a chart, its points in the order of X.</summary>
public sealed record Line(string Label, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Lines over a common axis, as SVG text that stands alone or in a page.</summary>
public static class LineChart
{
    public static string ToSvg(string title, string xUnit, string yUnit, IReadOnlyList<Line> lines) => throw new NotImplementedException();
}
