namespace FastSni.Compare.Running;

internal enum HttpClientKind
{
    /// <summary>wrk, HTTP/1.1, closed loop, connections kept.</summary>
    Http1,
    /// <summary>wrk with `Connection: close`. It offers the session of the connection before.</summary>
    Http1Closing,
    /// <summary>h2load, HTTP/2, closed loop, connections kept.</summary>
    Http2,
    /// <summary>h2load, HTTP/1.1, a connection a request without a session to resume, at a fixed rate.</summary>
    Handshakes,
}

/// <summary>One shape of HTTPS traffic.</summary>
/// <param name="Connections">At a time; of handshakes: a second.</param>
internal sealed record HttpTraffic(HttpClientKind Kind, int Bytes, int Connections)
{
    public const string Wrk = "/usr/bin/wrk", H2Load = "/usr/bin/h2load";
    public const int Small = 1024, Large = 100 * 1024;

    public static IReadOnlyList<int> Sizes { get; } = [Small, Large];

    public static string FileName(int bytes) => $"{bytes}.txt";

    /// <summary>HTTP/2: requests under way on one connection.</summary>
    public int Streams { get; init; } = 1;

    /// <summary>Which program this needs and the machine lacks, or null. The backend is nginx, whoever the contender is.</summary>
    public string? Absence =>
        new[] { Program, Nginx.Program }.FirstOrDefault(program => !File.Exists(program)) is string missing ? $"{missing} is not installed" : null;

    public bool TellsLatency => Program == Wrk;

    public string Program => Kind is HttpClientKind.Http1 or HttpClientKind.Http1Closing ? Wrk : H2Load;
}

/// <summary>What the HTTP client counted over its whole run.</summary>
/// <param name="P50Us">null = the client does not tell.</param>
internal sealed record HttpResult(long Requests, long Failed, double? P50Us, double? P99Us);
