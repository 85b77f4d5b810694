using System.Globalization;
using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>`250ms 5s 10m 1h 90d`: a whole number and one unit, in a range.</summary>
internal sealed class DurationRule(TimeSpan min, TimeSpan max) : Rule<TimeSpan>
{
    // The longest first, for writing; `ms` before `s` and `m`, for reading.
    private static readonly (string Unit, long Milliseconds)[] Units = [("d", 86_400_000), ("h", 3_600_000), ("ms", 1), ("m", 60_000), ("s", 1000)];

    public override bool TryRead(string text, List<string> problems, out TimeSpan value)
    {
        value = default;
        string lower = text.ToLowerInvariant();
        (string unit, long milliseconds) = Units.FirstOrDefault(known => lower.EndsWith(known.Unit, StringComparison.Ordinal));
        string digits = unit is null ? lower : lower[..^unit.Length];
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit))
            return Fail(problems, $"{Quote.Of(text)} is not a duration: write a whole number and its unit, such as 250ms, 5s, 10m, 1h or 90d");
        if (unit is null)
            return Fail(problems, $"{Quote.Of(text)} has no unit: write {Quote.Short(text)}s for seconds; the units are ms, s, m, h and d");
        // Ten digits of days stay far below what a long can count in milliseconds.
        if (digits.Length <= 10 && long.Parse(digits, CultureInfo.InvariantCulture) * milliseconds is var total
            && total >= min.TotalMilliseconds && total <= max.TotalMilliseconds)
        {
            value = TimeSpan.FromMilliseconds(total);
            return true;
        }
        return Fail(problems, $"{Quote.Of(text)} is out of range: write {Format(min)} to {Format(max)}");
    }

    /// <summary>In the largest unit that divides it.</summary>
    public static string Format(TimeSpan duration)
    {
        long total = (long)duration.TotalMilliseconds;
        (string unit, long milliseconds) = Units.OrderByDescending(known => known.Milliseconds).First(known => total % known.Milliseconds == 0);
        return total == 0 ? "0s" : $"{total / milliseconds}{unit}";
    }
}

/// <summary>`off` (null), or a duration.</summary>
internal sealed class OffDurationRule(TimeSpan min, TimeSpan max) : Rule<TimeSpan?>
{
    private readonly DurationRule _duration = new(min, max);

    public override bool TryRead(string text, List<string> problems, out TimeSpan? value)
    {
        value = null;
        if (text.Equals("off", StringComparison.OrdinalIgnoreCase))
            return true;
        bool isRead = _duration.TryRead(text, problems, out TimeSpan duration);
        value = duration;
        return isRead;
    }
}
