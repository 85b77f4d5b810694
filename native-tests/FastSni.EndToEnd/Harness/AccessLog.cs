using System.Net;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>The access log file as it grows.</summary>
internal sealed class AccessLog(string path, Gateway gateway)
{
    public string Path { get; } = path;

    /// <summary>Every whole line so far, parsed; a line that is not of the documented form fails the test that reads it.</summary>
    public IReadOnlyList<AccessLogLine> Lines => [.. RawLines.Select(AccessLogLine.Parse)];

    /// <summary>Each byte of the file is one char here, so that nothing a client sent is hidden by a decoder.</summary>
    public IReadOnlyList<string> RawLines
    {
        get
        {
            if (!File.Exists(Path))
                return [];
            string text = File.ReadAllText(Path, Encoding.Latin1);
            int whole = text.LastIndexOf('\n') + 1;
            return [.. text[..whole].Split('\n').SkipLast(1)];
        }
    }

    /// <summary>The line of the session that came from this socket.</summary>
    public async Task<AccessLogLine> LineOfAsync(IPEndPoint client)
    {
        string wanted = $" client={client} ";
        string? line = null;
        await Patience.UntilAsync(
            () => (line = RawLines.FirstOrDefault(candidate => candidate.Contains(wanted, StringComparison.Ordinal))) is not null,
            () => $"an access log line with{wanted}\n{string.Join('\n', RawLines.TakeLast(5))}\n{gateway.Log.Tail}");
        return AccessLogLine.Parse(line!);
    }

    public async Task<string> EndOfAsync(IPEndPoint client) => (await LineOfAsync(client)).End;

    /// <summary>Waits until the file has at least this many lines.</summary>
    public async Task<IReadOnlyList<AccessLogLine>> LinesAsync(int count)
    {
        await Patience.UntilAsync(() => RawLines.Count >= count, () => $"{count} access log lines, there are {RawLines.Count}\n{gateway.Log.Tail}");
        return Lines;
    }
}
