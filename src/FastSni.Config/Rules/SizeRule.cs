using System.Globalization;
using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>Bytes: `65536`, `64k`, `1M`, `2G`, in powers of 1024 and in a range.</summary>
internal sealed class SizeRule(long minBytes, long maxBytes) : Rule<long>
{
    public override bool TryRead(string text, List<string> problems, out long value)
    {
        value = 0;
        int shift = text.Length == 0 ? 0 : char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        string digits = shift == 0 ? text : text[..^1];
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit))
            return Fail(problems, $"{Quote.Of(text)} is not a size: write bytes, or a whole number with k, M or G, such as 16k or 1M");
        if (digits.Length <= 10 && long.Parse(digits, CultureInfo.InvariantCulture) << shift is var bytes && bytes >= minBytes && bytes <= maxBytes)
        {
            value = bytes;
            return true;
        }
        return Fail(problems, $"{Quote.Of(text)} is out of range: write {Format(minBytes)} to {Format(maxBytes)}");
    }

    private static string Format(long bytes) => bytes switch
    {
        0 => "0",
        _ when bytes % (1 << 30) == 0 => $"{bytes >> 30}G",
        _ when bytes % (1 << 20) == 0 => $"{bytes >> 20}M",
        _ when bytes % (1 << 10) == 0 => $"{bytes >> 10}k",
        _ => $"{bytes}",
    };
}
