using System.Globalization;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>The start line and headers of one HTTP/1.1 message, as they came: each byte is one char.</summary>
/// <param name="Raw">With the blank line.</param>
internal sealed record HttpHead(string Raw)
{
    public string StartLine => Raw[..Raw.IndexOf('\r', StringComparison.Ordinal)];

    /// <summary>Of a response.</summary>
    public int Status => int.Parse(StartLine.Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>In order, spelled as they came; a line without a colon fails the test.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers => [.. Raw.Split("\r\n")[1..^2].Select(line =>
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        Assert.True(colon > 0, $"not a header: {line}");
        return (line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
    })];

    public string[] Values(string name) =>
        [.. Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    public bool Has(string name) => Values(name).Length > 0;

    /// <summary>The one value; none or several fail the test.</summary>
    public string Value(string name)
    {
        string[] values = Values(name);
        Assert.True(values.Length == 1, $"{values.Length} × {name} in\n{Raw}");
        return values[0];
    }
}

/// <summary>Reads HTTP/1.1 messages off a stream, strictly: what is cut or malformed throws <see cref="IOException"/>.</summary>
internal sealed class HttpReader(Stream stream)
{
    private const int HeadBytesMax = 262_144;

    private readonly byte[] _buffer = new byte[65_536];
    private int _from, _to;

    /// <summary>null where the stream ends before the first byte.</summary>
    public async Task<HttpHead?> ReadHeadAsync()
    {
        StringBuilder head = new();
        while (head.Length < 4 || head[^1] != '\n' || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            if (_from == _to && !await FillAsync())
                return head.Length == 0 ? null : throw new IOException($"the stream ended within a head: {head}");
            head.Append((char)_buffer[_from++]);
            if (head.Length > HeadBytesMax)
                throw new IOException("a head without an end");
        }
        return new(head.ToString());
    }

    public Task<byte[]> ReadRequestBodyAsync(HttpHead head) => IsChunked(head) ? ReadChunksAsync() : ReadCountAsync(LengthOf(head) ?? 0);

    /// <param name="method">Of the request: an answer to HEAD has no body.</param>
    public async Task<byte[]> ReadResponseBodyAsync(HttpHead head, string method)
    {
        if (method == "HEAD" || head.Status is < 200 or 204 or 304)
            return [];
        if (IsChunked(head))
            return await ReadChunksAsync();
        return LengthOf(head) is { } length ? await ReadCountAsync(length) : await ReadToEndAsync();
    }

    private static bool IsChunked(HttpHead head) => head.Has("Transfer-Encoding") && head.Value("Transfer-Encoding") == "chunked";

    private static long? LengthOf(HttpHead head) =>
        head.Has("Content-Length") ? long.Parse(head.Value("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture) : null;

    private async Task<byte[]> ReadCountAsync(long count)
    {
        byte[] body = new byte[count];
        for (int done = 0; done < count;)
        {
            if (_from == _to && !await FillAsync())
                throw new IOException($"the stream ended after {done} of {count} bytes");
            int part = (int)Math.Min(_to - _from, count - done);
            _buffer.AsSpan(_from, part).CopyTo(body.AsSpan(done));
            (_from, done) = (_from + part, done + part);
        }
        return body;
    }

    private async Task<byte[]> ReadChunksAsync()
    {
        using MemoryStream body = new();
        while (true)
        {
            string size = (await ReadLineAsync()).Split(';')[0].Trim();
            byte[] chunk = await ReadCountAsync(long.Parse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            body.Write(chunk);
            if (chunk.Length > 0)
            {
                Assert.Equal("", await ReadLineAsync());
                continue;
            }
            // Trailers, and the empty line.
            while (await ReadLineAsync() != "")
            {
            }
            return body.ToArray();
        }
    }

    private async Task<byte[]> ReadToEndAsync()
    {
        using MemoryStream body = new();
        do
        {
            body.Write(_buffer, _from, _to - _from);
            _from = _to;
        }
        while (await FillAsync());
        return body.ToArray();
    }

    private async Task<string> ReadLineAsync()
    {
        StringBuilder line = new();
        while (!(line.Length >= 2 && line[^1] == '\n' && line[^2] == '\r'))
        {
            if (_from == _to && !await FillAsync())
                throw new IOException($"the stream ended within a line: {line}");
            line.Append((char)_buffer[_from++]);
        }
        return line.ToString(0, line.Length - 2);
    }

    private async Task<bool> FillAsync()
    {
        (_from, _to) = (0, await stream.ReadAsync(_buffer));
        return _to > 0;
    }
}
