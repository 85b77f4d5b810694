namespace FastSni.Reports;

/// <summary>One bar, with the least and the greatest value that its median stands for.</summary>
public sealed record Bar(string Label, double Value, double Least, double Greatest);

/// <summary>Bars side by side, as SVG text that stands alone or in a page.</summary>
public static class BarChart
{
    public static string ToSvg(string title, string unit, IReadOnlyList<Bar> bars) => throw new NotImplementedException();
}
