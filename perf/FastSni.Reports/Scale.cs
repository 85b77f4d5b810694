using System.Globalization;

namespace FastSni.Reports;

/// <summary>An axis: a range that ends at round numbers and a few round ticks in it.</summary>
internal sealed record Scale(double Least, double Greatest, double Step)
{
    private const int StepsWanted = 6;

    public IEnumerable<double> Ticks => Enumerable.Range(0, (int)Math.Round((Greatest - Least) / Step) + 1).Select(number => Least + number * Step);

    /// <summary>Holds zero and every finite value; 0 to 1 where there is nothing else.</summary>
    public static Scale FromZero(IEnumerable<double> values) => Over(values.Append(0));

    /// <summary>Holds every finite value, and as little else as round ends allow.</summary>
    public static Scale Over(IEnumerable<double> values)
    {
        double[] finite = [.. values.Where(double.IsFinite).DefaultIfEmpty(0)];
        (double least, double greatest) = (finite.Min(), finite.Max());
        if (least == greatest)
            greatest = least + (least == 0 ? 1 : Math.Abs(least));
        double rough = (greatest - least) / StepsWanted;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        // A value that hardly exceeds a round one is not to cost a whole step more.
        double step = power * ((rough / power) switch { <= 1.001 => 1, <= 2.001 => 2, <= 5.001 => 5, _ => 10 });
        return new(Math.Floor(least / step + 0.001) * step, Math.Ceiling(greatest / step - 0.001) * step, step);
    }

    /// <summary>Where a value lies between two places of the picture, the ends of this axis.</summary>
    public double Place(double value, double from, double to) => from + (value - Least) / (Greatest - Least) * (to - from);

    /// <summary>A tick's text, with the decimals that the step has.</summary>
    public string Text(double tick)
    {
        double shown = Math.Abs(tick) < Step / 2 ? 0 : tick;
        if (Math.Abs(Greatest) >= 1e9 || Step < 1e-6)
            return shown.ToString("0.###e0", CultureInfo.InvariantCulture);
        int decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(Step) + 0.001));
        return shown.ToString("#,0." + new string('0', decimals), CultureInfo.InvariantCulture);
    }
}
