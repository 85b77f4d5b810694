namespace FastSni.Reports;

/// <summary>One line of a chart, its points in the order of X.</summary>
public sealed record Line(string Label, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Lines over a common axis, as SVG text that stands alone or in a page.</summary>
public static class LineChart
{
    private const int PlotWidth = 640, PlotHeight = 280, Top = 44, LegendPitch = 20, DotsMax = 40;

    /// <param name="xTicks">What stands below the axis, and where, when round numbers are not what it is about.</param>
    public static string ToSvg(string title, string xUnit, string yUnit, IReadOnlyList<Line> lines, IReadOnlyList<(double X, string Text)>? xTicks = null)
    {
        Scale across = Scale.Over(lines.SelectMany(line => line.Points).Select(point => point.X));
        Scale up = Scale.FromZero(lines.SelectMany(line => line.Points).Select(point => point.Y));
        if (xTicks is { Count: > 0 })
            across = across with { Least = xTicks[0].X, Greatest = xTicks[^1].X };
        double left = 40 + up.Ticks.Max(tick => Drawing.WidthOf(up.Text(tick)));
        const double bottom = Top + PlotHeight;
        double right = left + PlotWidth, legend = right + 20;
        double width = legend + 30 + lines.Select(line => Drawing.WidthOf(line.Label)).DefaultIfEmpty(0).Max() + 12;
        Drawing drawing = new((int)Math.Max(width, Drawing.WidthOfTitle(title)), (int)Math.Max(bottom + 52, Top + lines.Count * LegendPitch + 12), title);
        foreach ((double x, string text) in xTicks ?? [.. across.Ticks.Select(tick => (tick, across.Text(tick)))])
        {
            double at = across.Place(x, left, right);
            drawing.Line(at, Top, at, bottom, Drawing.Faint);
            drawing.Text(at, bottom + 18, text, "middle");
        }
        foreach (double tick in up.Ticks)
        {
            double at = up.Place(tick, bottom, Top);
            drawing.Line(left, at, right, at, Drawing.Faint);
            drawing.Text(left - 6, at + 5, up.Text(tick), "end");
        }
        drawing.Line(left, Top, left, bottom, Drawing.Ink);
        drawing.Line(left, bottom, right, bottom, Drawing.Ink);
        drawing.Text((left + right) / 2, bottom + 40, xUnit, "middle");
        drawing.UprightText(20, (Top + bottom) / 2, yUnit);
        for (int number = 0; number < lines.Count; number++)
        {
            (string Colour, string? Dashes) style = Drawing.Style(number);
            (double X, double Y)[] places = [.. lines[number].Points.Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y))
                .Select(point => (across.Place(point.X, left, right), up.Place(point.Y, bottom, Top)))];
            drawing.Polyline(places, style);
            if (places.Length <= DotsMax)
                foreach ((double x, double y) in places)
                    drawing.Dot(x, y, style.Colour);
            double row = Top + number * LegendPitch + 8;
            drawing.Polyline([(legend, row), (legend + 24, row)], style);
            drawing.Text(legend + 30, row + 5, lines[number].Label);
        }
        return drawing.ToString();
    }
}
