using System.Globalization;

namespace FastSni.Reports;

/// <summary>One bar, with the least and the greatest value that its median stands for.</summary>
public sealed record Bar(string Label, double Value, double Least, double Greatest);

/// <summary>Bars one below the other, as SVG text that stands alone or in a page. They lie, so that a long label is read like any other text.</summary>
public static class BarChart
{
    private const int PlotWidth = 520, BarHeight = 22, Pitch = 34, Top = 44, Gap = 8;
    // Light enough that a whisker shows on it.
    private const string Colour = "#8ec1e3";

    /// <summary>A bar whose value is not a finite number has its label and a dash.</summary>
    public static string ToSvg(string title, string unit, IReadOnlyList<Bar> bars)
    {
        Scale scale = Scale.FromZero(bars.SelectMany(bar => new[] { bar.Value, bar.Least, bar.Greatest }));
        double left = 16 + bars.Select(bar => Drawing.WidthOf(bar.Label)).DefaultIfEmpty(0).Max() + Gap;
        double right = left + PlotWidth, bottom = Top + Math.Max(1, bars.Count) * Pitch;
        Drawing drawing = new((int)Math.Max(right + 90, Drawing.WidthOfTitle(title)), (int)bottom + 52, title);
        foreach (double tick in scale.Ticks)
        {
            double x = scale.Place(tick, left, right);
            drawing.Line(x, Top, x, bottom, Drawing.Faint);
            drawing.Text(x, bottom + 18, scale.Text(tick), "middle");
        }
        drawing.Text((left + right) / 2, bottom + 40, unit, "middle");
        double zero = scale.Place(0, left, right);
        for (int number = 0; number < bars.Count; number++)
        {
            double middle = Top + (number + 0.5) * Pitch;
            drawing.Text(left - Gap, middle + 5, bars[number].Label, "end");
            if (double.IsFinite(bars[number].Value))
                Draw(drawing, bars[number], middle, zero, value => scale.Place(value, left, right));
            else
                drawing.Text(zero + Gap, middle + 5, "–");
        }
        drawing.Line(zero, Top, zero, bottom, Drawing.Ink);
        return drawing.ToString();
    }

    private static void Draw(Drawing drawing, Bar bar, double middle, double zero, Func<double, double> place)
    {
        double end = place(bar.Value), textAt = Math.Max(end, zero);
        drawing.Rectangle(Math.Min(zero, end), middle - BarHeight / 2.0, Math.Abs(end - zero), BarHeight, Colour);
        if (double.IsFinite(bar.Least) && double.IsFinite(bar.Greatest) && bar.Least < bar.Greatest)
        {
            (double from, double to) = (place(bar.Least), place(bar.Greatest));
            drawing.Line(from, middle, to, middle, Drawing.Ink, 1.5);
            foreach (double x in new[] { from, to })
                drawing.Line(x, middle - 5, x, middle + 5, Drawing.Ink, 1.5);
            textAt = Math.Max(textAt, to);
        }
        drawing.Text(textAt + Gap, middle + 5, Short(bar.Value));
    }

    // Three digits say more than these measurements are good for.
    private static string Short(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0##", CultureInfo.InvariantCulture),
    };
}
