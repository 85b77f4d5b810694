using System.Buffers;
using System.Text;

namespace FastSni.Operations;

/// <summary>
/// Keeps text within its field: what isn't in the set of plain bytes becomes <c>\"</c>, <c>\\</c>, or the byte's number,
/// <c>\xNN</c> in text and <c>\u00NN</c> in JSON.
/// No set has a control character, a quote or a backslash, hence no text can end a line or a field.
/// </summary>
internal static class Escaping
{
    /// <summary>For a word without quotes.</summary>
    public static readonly SearchValues<byte> PlainInWord = Printable(except: "\"\\ ");

    /// <summary>For one entry of a comma-separated list in quotes.</summary>
    public static readonly SearchValues<byte> PlainInQuotedList = Printable(except: "\"\\,");

    /// <summary>For text in quotes.</summary>
    public static readonly SearchValues<byte> PlainInQuotes = Printable(except: "\"\\");

    /// <summary>For a JSON string of valid UTF-8: its bytes from 0x80 on stand for themselves.</summary>
    public static readonly SearchValues<byte> PlainInUtf8Json = Printable(except: "\"\\\x7F", last: 0xFF);

    /// <summary>A byte for each UTF-16 unit: `?` for what is above U+00FF, never a character that looks like it.</summary>
    public static readonly Encoding Latin1 = Encoding.GetEncoding("iso-8859-1", new EncoderReplacementFallback("?"), DecoderFallback.ReplacementFallback);

    /// <summary>Ends a client's text that was cut, in both forms; no byte of a client's is ever written so.</summary>
    public static ReadOnlySpan<byte> CutMark => @"\u2026"u8;

    /// <summary>Writes at most six bytes for one; returns the bytes written.</summary>
    public static int Write(ReadOnlySpan<byte> text, SearchValues<byte> plain, bool json, Span<byte> target)
    {
        int length = 0;
        while (true)
        {
            int special = text.IndexOfAnyExcept(plain);
            ReadOnlySpan<byte> run = special < 0 ? text : text[..special];
            run.CopyTo(target[length..]);
            length += run.Length;
            if (special < 0)
                return length;
            length += WriteSpecial(text[special], json, target[length..]);
            text = text[(special + 1)..];
        }
    }

    private static int WriteSpecial(byte special, bool json, Span<byte> target)
    {
        target[0] = (byte)'\\';
        if (special is (byte)'"' or (byte)'\\')
        {
            target[1] = special;
            return 2;
        }
        ReadOnlySpan<byte> radix = json ? "u00"u8 : "x"u8;
        radix.CopyTo(target[1..]);
        special.TryFormat(target[(1 + radix.Length)..], out int digits, "X2");
        return 1 + radix.Length + digits;
    }

    private static SearchValues<byte> Printable(string except, int last = 0x7E) =>
        SearchValues.Create([.. Enumerable.Range(' ', last + 1 - ' ').Where(b => !except.Contains((char)b)).Select(b => (byte)b)]);
}
