namespace FastSni.Operations;

/// <summary>The gateway at one moment: what `fastsni status` shows. Counts are since the start.</summary>
public sealed record StatusReport
{
    public required string Version { get; init; }
    public required int ProcessId { get; init; }
    public required string Config { get; init; }
    public required double UptimeSeconds { get; init; }
    /// <summary>`serving`, `draining`.</summary>
    public required string State { get; init; }
    public required int Workers { get; init; }
    public required int Sessions { get; init; }
    public required int SessionsMax { get; init; }
    public required int PendingHellos { get; init; }
    public required long Accepted { get; init; }
    /// <summary>Accepted in the last whole second.</summary>
    public required long AcceptedPerSecond { get; init; }
    /// <summary>By close reason, in the access log's spelling; those that never came are left out.</summary>
    public required IReadOnlyDictionary<string, long> Ended { get; init; }
    /// <summary>Other counters by name: `pipes-refused`, `log-lines-lost`, `handshakes`, `requests-refused` …</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }
    public required IReadOnlyList<string> Listening { get; init; }
    public required IReadOnlyList<RouteReport> Routes { get; init; }
    public required IReadOnlyList<CertificateReport> Certificates { get; init; }
    public required int Bans { get; init; }
}

/// <param name="Section">`passthrough:yunohost`, `listen:smtp`.</param>
public sealed record RouteReport(string Section, IReadOnlyList<string> Names, IReadOnlyList<ServerReport> Servers);

/// <param name="State">`up`, `down` (a failed connect or a health check), `draining`.</param>
public sealed record ServerReport(string Address, string State, int Sessions);

/// <param name="File">The certificate's file; null for one made in memory.</param>
public sealed record CertificateReport(string? File, IReadOnlyList<string> Sections, DateTimeOffset NotAfter);

/// <param name="Total">Open in all; the list may hold fewer.</param>
public sealed record SessionsReport(IReadOnlyList<SessionReport> Sessions, int Total);

/// <param name="Name">The server name as the access log would escape it.</param>
/// <param name="Route">Empty until there is one.</param>
/// <param name="Backend">Empty until there is one, and where a connection may use several.</param>
/// <param name="Phase">`hello`, `connecting`, `open`, `http`, `closing`.</param>
public sealed record SessionReport(
    long Id, string Listener, string Client, string Name, string Route, string Backend, string Phase, double AgeSeconds, long UpBytes, long DownBytes);
