using System.Globalization;

namespace FastSni.Compare;

/// <summary>Median, least and greatest of a few values.</summary>
internal sealed class Spread
{
    private readonly double[] _sorted;

    public Spread(IEnumerable<double> values)
    {
        _sorted = [.. values];
        Array.Sort(_sorted);
    }

    public bool IsEmpty => _sorted.Length == 0;

    public double Least => _sorted[0];

    public double Greatest => _sorted[^1];

    public double Median => _sorted.Length % 2 == 1
        ? _sorted[_sorted.Length / 2]
        : (_sorted[_sorted.Length / 2 - 1] + _sorted[_sorted.Length / 2]) / 2;

    /// <summary>`58.9 (58.1–60.2)`, or the one value, or a dash.</summary>
    public string Show(string format) => _sorted.Length switch
    {
        0 => "–",
        1 => Number(Least, format),
        _ => $"{Number(Median, format)} ({Number(Least, format)}–{Number(Greatest, format)})",
    };

    public string ShowMedian(string format) => IsEmpty ? "–" : Number(Median, format);

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
