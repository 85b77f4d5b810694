using System.Buffers;

namespace FastSni.Http;

/// <summary>The head of a response as bytes (RFC 9112 4, 5), read strictly: what two parsers could read in two ways is refused.</summary>
internal static class ResponseHead
{
    internal const int BytesMax = 64 * 1024;

    /// <summary>Looks for the empty line that ends a head, or a section of trailers.</summary>
    /// <param name="scanned">How much of the bytes was looked at before; 0 at first.</param>
    /// <returns>The head's bytes, empty line included; 0: it has not all come; −1: it is too long, or a line does not end in CRLF.</returns>
    internal static int FindEnd(ReadOnlySpan<byte> bytes, ref int scanned)
    {
        int from = Math.Max(0, scanned - 3);
        int end = bytes[from..].IndexOf("\r\n\r\n"u8);
        if (end >= 0)
            return from + end + 4 <= BytesMax ? from + end + 4 : -1;
        // A bare line feed would be waited behind for ever.
        for (int i = Math.Max(1, scanned); ;)
        {
            int next = i < bytes.Length ? bytes[i..].IndexOf((byte)'\n') : -1;
            if (next < 0)
                break;
            if (bytes[i + next - 1] != '\r')
                return -1;
            i += next + 1;
        }
        scanned = bytes.Length;
        return bytes.Length >= BytesMax ? -1 : 0;
    }
}

/// <summary>`HTTP/1.1 200 OK`.</summary>
internal readonly ref struct StatusLine
{
    internal int Status { get; private init; }

    /// <summary>HTTP/1.1; else HTTP/1.0.</summary>
    internal bool IsHttp11 { get; private init; }

    internal ReadOnlySpan<byte> Reason { get; private init; }

    internal static bool TryRead(ReadOnlySpan<byte> line, out StatusLine status)
    {
        status = default;
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || line[7] is not ((byte)'0' or (byte)'1') || line[8] != ' ')
            return false;
        ReadOnlySpan<byte> digits = line.Slice(9, 3);
        if (digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') || digits[0] == '0')
            return false;
        // The blank behind the status is often left out together with the reason.
        ReadOnlySpan<byte> rest = line[12..];
        if (!rest.IsEmpty && rest[0] != ' ')
            return false;
        int number = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + digits[2] - '0';
        status = new StatusLine { Status = number, IsHttp11 = line[7] == '1', Reason = rest.IsEmpty ? rest : rest[1..] };
        return true;
    }
}

/// <summary>A cursor over the lines of a head.</summary>
/// <param name="head">Whole, empty line included.</param>
internal ref struct HeadLines(ReadOnlySpan<byte> head)
{
    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> Controls = SearchValues.Create(
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127,
    ]);

    private ReadOnlySpan<byte> _rest = head;

    /// <summary>All header lines were read; what follows is the empty line.</summary>
    internal readonly bool IsAtEnd => _rest is [(byte)'\r', (byte)'\n'];

    /// <summary>The next line without its end. False: there is none, or a control character is in it.</summary>
    internal bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        int end = _rest.IndexOf("\r\n"u8);
        line = end < 0 ? default : _rest[..end];
        if (end < 0 || line.ContainsAny(Controls))
            return false;
        _rest = _rest[(end + 2)..];
        return true;
    }

    /// <summary>The next header. False: the line is none (a folded one is none either, RFC 9112 5.2).</summary>
    internal bool TryReadHeader(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        if (!TryReadLine(out ReadOnlySpan<byte> line))
            return false;
        int colon = line.IndexOf((byte)':');
        if (colon <= 0 || line[..colon].ContainsAnyExcept(TokenBytes))
            return false;
        name = line[..colon];
        value = line[(colon + 1)..].Trim(" \t"u8);
        return true;
    }
}
