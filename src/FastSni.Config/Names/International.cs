using System.Globalization;
using System.Text;

namespace FastSni.Config.Names;

/// <summary>
/// Turns `bücher.example` into its A-labels. The program carries no ICU, so that UTS 46 and NFC are not at hand, and a wrong
/// A-label would silently never match. Therefore a name may hold letters only whose lower case UTS 46 maps to itself and
/// which NFC leaves alone beside any other of them; for every other name the operator is asked for the A-label.
/// </summary>
internal static class International
{
    /// <summary>
    /// Ranges of such letters; every one was compared with UTS 46. Left out inside their blocks, among others: ß and ς, which UTS 46
    /// and older software map differently; ĳ ŀ ŉ ſ ǆ and presentation forms, which change; combining marks, which NFC may join.
    /// </summary>
    private static readonly (int First, int Last)[] Letters =
    [
        (0x00E0, 0x00F6), (0x00F8, 0x00FF), (0x0101, 0x0131), (0x0135, 0x013E), (0x0142, 0x0148), (0x014B, 0x017E),   // Latin
        (0x0180, 0x01C3), (0x01CE, 0x01EF), (0x01F5, 0x024F), (0x1E01, 0x1E99), (0x1EA1, 0x1EFF),                     // Latin, Vietnamese
        (0x03AC, 0x03C1), (0x03C3, 0x03CE),                                                                           // Greek
        (0x0430, 0x045F), (0x0461, 0x052F),                                                                           // Cyrillic
        (0x0561, 0x0586), (0x10D0, 0x10FA),                                                                           // Armenian, Georgian
        (0x05D0, 0x05EA), (0x0620, 0x064A), (0x0671, 0x0674), (0x0679, 0x06D3),                                       // Hebrew, Arabic
        (0x3041, 0x3096), (0x30A1, 0x30FA), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3),                     // Kana, Han, Hangul
    ];

    // Without STD3 rules it leaves underscores alone; everything else about ASCII is HostName's to say.
    private static readonly IdnMapping Mapping = new() { UseStd3AsciiRules = false };

    /// <param name="text">A name or a pattern; ASCII comes back as it is.</param>
    public static bool TryToAscii(string text, out string ascii, out string problem)
    {
        (ascii, problem) = (text, "");
        if (Ascii.IsValid(text))
            return true;
        string[] labels = text.ToLowerInvariant().Split('.');
        for (int i = 0; i < labels.Length; i++)
        {
            if (Ascii.IsValid(labels[i]))
                continue;
            if (FirstUncertain(labels[i]) is { } uncertain)
            {
                problem = $"this program cannot map {uncertain} (U+{uncertain.Value:X4}) safely: write the name's A-label, which begins with xn--";
                return false;
            }
            if (!TryEncode(ref labels[i]))
            {
                problem = "this name has no A-label, or one that is too long: write the A-label, which begins with xn--, if there is one";
                return false;
            }
        }
        ascii = string.Join('.', labels);
        return true;
    }

    private static Rune? FirstUncertain(string label)
    {
        foreach (Rune rune in label.EnumerateRunes())
        {
            if (!rune.IsAscii && !IsCertain(rune))
                return rune;
        }
        return null;
    }

    /// <summary>A lower-case or caseless letter of the ranges, or one of two Japanese marks that names are full of.</summary>
    private static bool IsCertain(Rune rune) => rune.Value is 0x3005 or 0x30FC
        || (Rune.GetUnicodeCategory(rune) is UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter
            && Letters.Any(range => rune.Value >= range.First && rune.Value <= range.Last));

    private static bool TryEncode(ref string label)
    {
        try
        {
            label = Mapping.GetAscii(label);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
