using System.Globalization;
using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>A whole number in a range.</summary>
internal sealed class NumberRule(int min, int max) : Rule<int>
{
    public string Range { get; } = $"{Text(min)} to {Text(max)}";

    public override bool TryRead(string text, List<string> problems, out int value) =>
        TryRead(text, problems, $"write {Range}", out value);

    public bool TryRead(string text, List<string> problems, string remedy, out int value)
    {
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max)
                return true;
            value = 0;
            return Fail(problems, $"{Quote.Of(text)} is out of range: {remedy}");
        }
        value = 0;
        return Fail(problems, $"{Quote.Of(text)} is not a whole number: {remedy}");
    }

    private static string Text(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>`auto` (null), or a whole number in a range.</summary>
internal sealed class AutoNumberRule(int min, int max) : Rule<int?>
{
    private readonly NumberRule _number = new(min, max);

    public override bool TryRead(string text, List<string> problems, out int? value)
    {
        value = null;
        if (text.Equals("auto", StringComparison.OrdinalIgnoreCase))
            return true;
        bool good = _number.TryRead(text, problems, $"write auto, or {_number.Range}", out int number);
        value = number;
        return good;
    }
}
