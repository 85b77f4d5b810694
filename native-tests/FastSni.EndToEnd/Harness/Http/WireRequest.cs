using System.Buffers;
using System.Globalization;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>What the bytes at the beginning of a stream are.</summary>
internal enum WireState
{
    Whole,
    Partial,
    Malformed,
}

/// <summary>One HTTP/1 request as it stood on the wire. Text is Latin-1: each byte is one char.</summary>
/// <param name="Body">Without the chunks' frames.</param>
/// <param name="Length">Of the whole message on the wire, head, body and trailers.</param>
internal sealed record WireRequest(
    string Method, string Target, string Version, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body, bool IsChunked, int Length)
{
    /// <summary>Which one of its backend's requests it is, from 1; 0 for one that no backend has.</summary>
    public int Number { get; init; }

    /// <summary>The header's values, joined as a list; null without the header.</summary>
    public string? this[string name] => Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).ToArray()
        is { Length: > 0 } values ? string.Join(", ", values) : null;
}

/// <summary>
/// Reads requests by the letter of RFC 9112, as the strictest backend would. Not strict, it takes what a gateway may take too and has to make good: LF as
/// a line's end, blank lines in front, zeros before a length, chunk extensions, the same length twice, chunked over a length, HTTP/1.0.
/// </summary>
internal sealed class RequestParser(bool isStrict)
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>As a backend must get them.</summary>
    public static RequestParser Strict { get; } = new(isStrict: true);

    /// <summary>As a client may send them.</summary>
    public static RequestParser Lenient { get; } = new(isStrict: false);

    /// <param name="why">What is wrong with malformed bytes.</param>
    public WireState Read(ReadOnlySpan<byte> bytes, out WireRequest? request, out string why)
    {
        request = null;
        why = "";
        WireText text = new(Encoding.Latin1.GetString(bytes), isStrict);
        if (!isStrict)
            text.SkipBlankLines();
        try
        {
            request = ReadMessage(text);
            return WireState.Whole;
        }
        catch (WireTextEndsException)
        {
            return WireState.Partial;
        }
        catch (InvalidDataException wrong)
        {
            why = wrong.Message;
            return WireState.Malformed;
        }
    }

    private WireRequest ReadMessage(WireText text)
    {
        string[] line = text.Line().Split(' ');
        Check(line.Length == 3, "a request line of other than three parts");
        Check(IsToken(line[0]), "a method that is no token");
        Check(line[1].Length > 0 && line[1].All(c => c is > ' ' and < (char)0x7F and not '#'), "a target with bytes no target has");
        Check(line[1][0] == '/' || line[1] == "*" || (!isStrict && line[1].Contains("://", StringComparison.Ordinal)), "a target in no form for a server");
        Check(line[2] == "HTTP/1.1" || (!isStrict && line[2] == "HTTP/1.0"), "a version that is not HTTP/1.1");
        List<KeyValuePair<string, string>> headers = ReadHeaders(text);
        int hosts = Values(headers, "host").Count;
        Check(hosts == 1 || (hosts == 0 && line[2] == "HTTP/1.0"), "not one Host");
        (bool isChunked, int length) = Framing(headers);
        string body = isChunked ? ReadChunks(text) : text.Take(length);
        return new(line[0], line[1], line[2], headers, Encoding.Latin1.GetBytes(body), isChunked, text.Position);
    }

    private static List<KeyValuePair<string, string>> ReadHeaders(WireText text)
    {
        List<KeyValuePair<string, string>> headers = [];
        while (text.Line() is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            Check(colon > 0 && IsToken(line[..colon]), "a header name that is no token");
            string value = line[(colon + 1)..].Trim(' ', '\t');
            Check(value.All(c => c is '\t' or (>= ' ' and not (char)0x7F)), "a control in a header's value");
            headers.Add(new(line[..colon], value));
        }
        return headers;
    }

    private (bool IsChunked, int Length) Framing(List<KeyValuePair<string, string>> headers)
    {
        List<string> lengths = Values(headers, "content-length"), codings = Values(headers, "transfer-encoding");
        foreach (string length in lengths)
            Check(length.Length is > 0 and < 10 && length.All(char.IsAsciiDigit), "a Content-Length that is no number");
        if (codings.Count > 0)
        {
            string[] parts = [.. codings.SelectMany(coding => coding.Split(',')).Select(part => part.Trim(' ', '\t'))];
            Check(!isStrict || (codings is ["chunked"] && lengths.Count == 0), "a Transfer-Encoding that is not chunked alone");
            Check(parts.Where(part => part.Length > 0).ToArray() is [{ } only] && only.Equals("chunked", StringComparison.OrdinalIgnoreCase), "another coding than chunked");
            return (true, 0);
        }
        Check(lengths.Distinct().Count() <= 1 && (!isStrict || lengths.Count <= 1), "several Content-Lengths");
        return (false, lengths.Count == 0 ? 0 : int.Parse(lengths[0], CultureInfo.InvariantCulture));
    }

    private string ReadChunks(WireText text)
    {
        StringBuilder body = new();
        while (true)
        {
            string line = text.StrictLine();
            string size = isStrict ? line : line.Split(';')[0].TrimEnd(' ', '\t');
            Check(size.Length is > 0 and < 8 && size.All(char.IsAsciiHexDigit), "a chunk size that is no number");
            Check(line.All(c => c is '\t' or >= ' '), "a control in a chunk's extension");
            int count = int.Parse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (count == 0)
                break;
            body.Append(text.Take(count));
            Check(text.Take(2) == "\r\n", "a chunk that does not end where it said");
        }
        ReadHeaders(text);
        return body.ToString();
    }

    private static List<string> Values(List<KeyValuePair<string, string>> headers, string name) =>
        [.. headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    private static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(TokenCharacters);

    private static void Check(bool isTrue, string otherwise)
    {
        if (!isTrue)
            throw new InvalidDataException(otherwise);
    }
}
