using FastSni.Wire;

namespace FastSni.Telemetry;

/// <summary>
/// What one HTTP request leaves behind. Texts of the client are untrusted; each of their characters stands for one byte (Latin-1), so that the log reads
/// back to the same bytes. Of a long one the record keeps no more than the log writes, and one character, which tells that there was more: records that wait
/// for a log that is stuck cost a bounded amount of memory.
/// </summary>
public struct RequestRecord
{
    /// <summary>The most of each text that is logged.</summary>
    public const int MethodBytesMax = 32, HostBytesMax = 512, PathBytesMax = 2048, AgentBytesMax = 512;

    /// <summary>When the request ended, UTC, in <see cref="DateTime.Ticks"/>.</summary>
    public long EndedUtcTicks { get; set; }
    /// <summary>The listener's section name: `https`.</summary>
    public string Listener { get; set; }
    public IpEndpoint Client { get; set; }
    /// <summary>The connection's server name as the client sent it; empty for none and on http listeners.</summary>
    public byte[] Name { get; set; }
    /// <summary>`offload:app`, `passthrough:yunohost` (forwarded on port 80), `redirect`, `acme`, `reject` or `-`.</summary>
    public string Route { get; set; }
    /// <summary>The server that answered or was tried last; none if there was none, or it is a unix socket.</summary>
    public IpEndpoint Backend { get; set; }
    /// <summary>`unix:/path` where the server is a unix socket.</summary>
    public string? BackendPath { get; set; }
    public string Method { get; set => field = Head(value, MethodBytesMax); }
    /// <summary>As the client sent it; empty for none.</summary>
    public string Host { get; set => field = Head(value, HostBytesMax); }
    /// <summary>Path and query as the client sent them.</summary>
    public string Path { get; set => field = Head(value, PathBytesMax); }
    /// <summary>0 where the connection ended before an answer began.</summary>
    public int Status { get; set; }
    /// <summary>Body bytes from the client and to it.</summary>
    public long UpBytes { get; set; }
    public long DownBytes { get; set; }
    public long DurationMicros { get; set; }
    /// <summary>User-Agent; empty for none.</summary>
    public string Agent { get; set => field = Head(value, AgentBytesMax); }

    private static string Head(string text, int bytesMax) => text.Length > bytesMax ? text[..(bytesMax + 1)] : text;
}
