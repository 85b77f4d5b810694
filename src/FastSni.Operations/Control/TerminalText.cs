using System.Globalization;
using System.Text;

namespace FastSni.Operations;

/// <summary>
/// Text of strangers for a terminal or a sentence: what could move a cursor, change colours, end a line or turn the direction of
/// writing becomes its number.
/// </summary>
public static class TerminalText
{
    private const int QuotedMax = 80;

    public static string Escape(string text)
    {
        if (text.All(character => character is >= ' ' and <= '~'))
            return text;
        StringBuilder escaped = new();
        // A surrogate without its other half is read as U+FFFD.
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsPlain(rune))
                escaped.Append(rune);
            else
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}");
        }
        return escaped.ToString();
    }

    /// <summary>In quotes, escaped, and no longer than a sentence carries.</summary>
    internal static string Quote(string text) => $"\"{Escape(text.Length <= QuotedMax ? text : text[..QuotedMax] + "…")}\"";

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
