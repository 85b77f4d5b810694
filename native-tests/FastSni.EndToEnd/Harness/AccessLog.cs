using System.Net;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>The access log file as it grows; what was read once is kept, the file may be moved away.</summary>
internal sealed class AccessLog(string path, Gateway gateway)
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly Dictionary<string, string> _byClient = [];
    private long _offset;

    public string Path { get; } = path;

    /// <summary>Every whole line of a session so far, parsed; a line that is not of the documented form fails the test that reads it.</summary>
    public IReadOnlyList<AccessLogLine> Lines => [.. RawLines.Where(line => !RequestLogLine.IsOne(line)).Select(AccessLogLine.Parse)];

    /// <summary>The same of requests.</summary>
    public IReadOnlyList<RequestLogLine> Requests => [.. RawLines.Where(RequestLogLine.IsOne).Select(RequestLogLine.Parse)];

    /// <summary>Each byte of the file is one char here, so that nothing a client sent is hidden by a decoder.</summary>
    public IReadOnlyList<string> RawLines
    {
        get
        {
            lock (_lock)
            {
                ReadOn();
                return [.. _lines];
            }
        }
    }

    /// <summary>The line of the session that came from this socket.</summary>
    public async Task<AccessLogLine> LineOfAsync(IPEndPoint client)
    {
        string? line = null;
        await Patience.UntilAsync(
            () => (line = Find(client)) is not null,
            () => $"an access log line of {client}\n{string.Join('\n', RawLines.TakeLast(5))}\n{gateway.Log.Tail}");
        return AccessLogLine.Parse(line!);
    }

    public async Task<string> EndOfAsync(IPEndPoint client) => (await LineOfAsync(client)).End;

    /// <summary>Waits until the file has at least this many lines.</summary>
    public async Task<IReadOnlyList<AccessLogLine>> LinesAsync(int count)
    {
        await Patience.UntilAsync(() => RawLines.Count >= count, () => $"{count} access log lines, there are {RawLines.Count}\n{gateway.Log.Tail}");
        return Lines;
    }

    /// <summary>The lines of the requests that came from this socket, once there are so many.</summary>
    public async Task<IReadOnlyList<RequestLogLine>> RequestsOfAsync(IPEndPoint client, int count)
    {
        RequestLogLine[] lines = [];
        await Patience.UntilAsync(
            () => (lines = [.. Requests.Where(line => line.Client == client.ToString())]).Length >= count,
            () => $"{count} requests of {client} in the access log\n{string.Join('\n', RawLines.TakeLast(5))}\n{gateway.Log.Tail}");
        return lines;
    }

    private string? Find(IPEndPoint client)
    {
        lock (_lock)
        {
            ReadOn();
            return _byClient.GetValueOrDefault(client.ToString());
        }
    }

    private void ReadOn()
    {
        if (!File.Exists(Path))
            return;
        using FileStream file = new(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // A shorter file is a new one under the old name.
        file.Position = _offset = file.Length < _offset ? 0 : _offset;
        byte[] fresh = new byte[file.Length - _offset];
        int whole = fresh.AsSpan(0, file.ReadAtLeast(fresh, fresh.Length, throwOnEndOfStream: false)).LastIndexOf((byte)'\n') + 1;
        _offset += whole;
        foreach (string line in Encoding.Latin1.GetString(fresh, 0, whole).Split('\n').SkipLast(1))
        {
            _lines.Add(line);
            if (!RequestLogLine.IsOne(line) && line.Split(" client=") is [_, string rest, ..])
                _byClient.TryAdd(rest.Split(' ')[0], line);
        }
    }
}
