using System.Globalization;
using System.Text;

namespace FastSni.Config;

/// <summary>Why somebody is banned, in somebody's words.</summary>
public static class BanReason
{
    /// <summary>UTF-16 units.</summary>
    public const int CharactersMax = 200;

    /// <summary>One line that is not too long: what may be asked for.</summary>
    public static bool IsLine(string text) => text.Length <= CharactersMax && !text.Any(char.IsControl);

    /// <summary>Made fit for a line of a file and for a terminal.</summary>
    public static string Clean(string text)
    {
        StringBuilder clean = new();
        foreach (Rune rune in text.AsSpan().Trim().EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > CharactersMax)
                break;
            clean.Append(IsPlain(rune) ? rune.ToString() : "?");
        }
        return clean.ToString();
    }

    // Formats are among the others because some of them turn the direction of what follows.
    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse);
}
