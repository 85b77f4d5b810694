using FastSni.Wire;

namespace FastSni.Telemetry;

/// <summary>One open session, or one connection of the HTTP rooms, as it was when somebody asked.</summary>
public sealed record SessionView
{
    /// <summary>Positive; no other session of the process ever has it. It stays the same over a hand-off.</summary>
    public required long Id { get; init; }
    /// <summary>The listener's section name: `https`.</summary>
    public required string Listener { get; init; }
    public required IpEndpoint Client { get; init; }
    /// <summary>The server name as the client sent it: untrusted bytes; empty for none, or none yet.</summary>
    public required byte[] Name { get; init; }
    /// <summary>`passthrough:yunohost`, `listen:smtp`, `offload:app`; empty until there is one, for the default site and for http listeners.</summary>
    public required string Route { get; init; }
    /// <summary>The server that is being connected to or was reached; none if there is none, it is a unix socket, or a connection may use several.</summary>
    public IpEndpoint Backend { get; init; }
    /// <summary>`unix:/path` where the server is a unix socket.</summary>
    public string? BackendPath { get; init; }
    /// <summary>`hello`, `connecting`, `open`, `closing`; `http` in the HTTP rooms.</summary>
    public required string Phase { get; init; }
    /// <summary>When it was accepted, on the monotonic clock.</summary>
    public required long AcceptedMicros { get; init; }
    public required long AgeMicros { get; init; }
    /// <summary>Bytes from the client delivered to the backend, and back; not known of the HTTP rooms.</summary>
    public long UpBytes { get; init; }
    public long DownBytes { get; init; }
}

/// <param name="Sessions">The oldest first.</param>
/// <param name="Total">Open in all; the list may hold fewer.</param>
public sealed record SessionList(IReadOnlyList<SessionView> Sessions, int Total);
