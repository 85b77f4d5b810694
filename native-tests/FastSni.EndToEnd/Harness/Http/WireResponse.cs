using System.Globalization;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>One HTTP/1.1 response as a client read it.</summary>
/// <param name="Interim">Statuses of the 1xx responses before it.</param>
/// <param name="IsComplete">The body came as its framing said; false where the connection ended before.</param>
/// <param name="IsToEnd">The end of the connection was the end of the body.</param>
internal sealed record WireResponse(
    int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body, IReadOnlyList<int> Interim, bool IsComplete, bool IsToEnd)
{
    public string Text => Encoding.Latin1.GetString(Body);

    /// <summary>Number of the backend's request that this answers; 0 for an answer of the gateway's own.</summary>
    public int Seen => int.Parse(this["x-seen"] ?? "0", CultureInfo.InvariantCulture);

    public string? this[string name] => Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).ToArray()
        is { Length: > 0 } values ? string.Join(", ", values) : null;
}

/// <summary>Reads responses off a stream, one behind the other. An end or a reset in a body leaves it incomplete; before a head there is no response.</summary>
internal sealed class ResponseReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[65_536];
    private int _start, _end;

    /// <summary>How the stream ended; Open until it does.</summary>
    public Ending Ending { get; private set; } = Ending.Open;

    /// <param name="method">Of the request: HEAD has answers without a body.</param>
    /// <returns>null: the stream ended before the first byte.</returns>
    public async Task<WireResponse?> ReadAsync(string method = "GET")
    {
        List<int> interim = [];
        while (true)
        {
            if (await ReadLineAsync() is not { } line)
                return null;
            string[] parts = line.Split(' ', 3);
            Assert.True(parts.Length >= 2 && parts[0] is "HTTP/1.1" or "HTTP/1.0", $"no status line: {line}");
            int status = int.Parse(parts[1], CultureInfo.InvariantCulture);
            List<KeyValuePair<string, string>> headers = [];
            while (true)
            {
                line = await ReadLineAsync();
                if (line is null)
                    return new(status, headers, [], interim, IsComplete: false, IsToEnd: false);
                if (line.Length == 0)
                    break;
                string[] pair = line.Split(':', 2);
                headers.Add(new(pair[0], pair[1].Trim()));
            }
            if (status is < 100 or > 199 or 101)
                return await ReadBodyAsync(new(status, headers, [], interim, IsComplete: true, IsToEnd: false), method);
            interim.Add(status);
        }
    }

    /// <summary>Bytes behind what was read so far, or 0 at the end.</summary>
    public async Task<int> ReadBytesAsync(Memory<byte> target)
    {
        if (_start == _end && !await FillAsync())
            return 0;
        int count = Math.Min(target.Length, _end - _start);
        _buffer.AsMemory(_start, count).CopyTo(target);
        _start += count;
        return count;
    }

    private async Task<WireResponse> ReadBodyAsync(WireResponse head, string method)
    {
        if (method == "HEAD" || head.Status is 101 or 204 or 304)
            return head;
        using MemoryStream body = new();
        if (head["transfer-encoding"] is not null)
        {
            bool isWhole = await ReadChunksAsync(body);
            return head with { Body = body.ToArray(), IsComplete = isWhole };
        }
        if (head["content-length"] is { } length)
        {
            bool isWhole = await ReadCountAsync(body, long.Parse(length, CultureInfo.InvariantCulture));
            return head with { Body = body.ToArray(), IsComplete = isWhole };
        }
        await ReadCountAsync(body, long.MaxValue);
        return head with { Body = body.ToArray(), IsComplete = Ending == Ending.Fin, IsToEnd = true };
    }

    private async Task<bool> ReadChunksAsync(MemoryStream body)
    {
        while (await ReadLineAsync() is { } size)
        {
            long count = long.Parse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (count > 0 && !await ReadCountAsync(body, count))
                return false;
            if (count == 0)
            {
                while (await ReadLineAsync() is { } trailer)
                {
                    if (trailer.Length == 0)
                        return true;
                }
                return false;
            }
            if (await ReadLineAsync() is not "")
                return false;
        }
        return false;
    }

    private async Task<bool> ReadCountAsync(MemoryStream body, long count)
    {
        while (count > 0)
        {
            if (_start == _end && !await FillAsync())
                return false;
            int part = (int)Math.Min(count, _end - _start);
            body.Write(_buffer, _start, part);
            _start += part;
            count -= part;
        }
        return true;
    }

    /// <summary>A line without CRLF; null if the stream ends before its end.</summary>
    private async Task<string?> ReadLineAsync()
    {
        StringBuilder line = new();
        while (_start < _end || await FillAsync())
        {
            char next = (char)_buffer[_start++];
            if (next == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append(next);
        }
        return null;
    }

    private async Task<bool> FillAsync()
    {
        using CancellationTokenSource limit = new(Patience.Limit);
        try
        {
            (_start, _end) = (0, await stream.ReadAsync(_buffer, limit.Token));
            if (_end == 0)
                Ending = Ending.Fin;
            return _end > 0;
        }
        catch (IOException)
        {
            Ending = Ending.Reset;
            return false;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"nothing came for {Patience.Limit}");
        }
    }
}
