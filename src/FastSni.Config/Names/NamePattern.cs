using System.Text;
using System.Text.Unicode;

namespace FastSni.Config.Names;

/// <summary>
/// What one entry of `names` claims, in the form the table keeps: `mail.example.org` an exact name, `*.example.org` the suffix
/// `.example.org`, and `.example.org` both the name and the suffix.
/// </summary>
internal readonly ref struct NamePattern
{
    /// <summary>Empty where the pattern claims no exact name.</summary>
    public ReadOnlySpan<byte> Exact { get; private init; }

    /// <summary>With its leading dot; empty where the pattern claims no suffix.</summary>
    public ReadOnlySpan<byte> Suffix { get; private init; }

    /// <summary>How many entries it makes in the table.</summary>
    public int Entries => (Exact.IsEmpty ? 0 : 1) + (Suffix.IsEmpty ? 0 : 1);

    /// <param name="text">UTF-8; ASCII is lowered in place, and the result lies inside it.</param>
    /// <param name="problem">What is wrong and what would be right; empty where nothing is.</param>
    public static bool TryParse(Span<byte> text, out NamePattern pattern, out string problem)
    {
        pattern = default;
        if (!Ascii.IsValid(text))
        {
            if (!Utf8.IsValid(text))
            {
                problem = "this is not valid UTF-8: write the name's A-label, which begins with xn--, or save the file as UTF-8";
                return false;
            }
            if (!International.TryToAscii(Encoding.UTF8.GetString(text), out string ascii, out problem))
                return false;
            text = Encoding.ASCII.GetBytes(ascii);
        }
        bool isWildcard = text.StartsWith("*."u8);
        bool isShorthand = text.StartsWith("."u8);
        Span<byte> dotted = isWildcard ? text[1..] : text;
        Span<byte> host = isWildcard || isShorthand ? dotted[1..] : text;
        if (!HostName.TryNormalise(host, out int length, out problem))
            return false;
        // The shortest name a suffix can match has one more label of one byte.
        if ((isWildcard || isShorthand) && length + 2 > HostName.BytesMax)
        {
            problem = $"no name of at most {HostName.BytesMax} bytes ends with so long a suffix";
            return false;
        }
        pattern = new NamePattern
        {
            Exact = isWildcard ? default : host[..length],
            Suffix = isWildcard || isShorthand ? dotted[..(length + 1)] : default,
        };
        return true;
    }
}
