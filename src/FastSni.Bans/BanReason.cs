using System.Globalization;
using System.Text;

namespace FastSni.Bans;

/// <summary>Somebody's words, made fit for a line of a file and for a terminal.</summary>
internal static class BanReason
{
    /// <summary>UTF-16 units.</summary>
    internal const int CharactersMax = 200;

    internal static string Clean(string text)
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
