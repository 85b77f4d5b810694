using System.Collections.Immutable;
using System.Net;

namespace FastSni.Config;

/// <summary>Servers that share the load of a route and stand in for each other.</summary>
public abstract record ServerList
{
    public const int ServersMax = 64;

    /// <summary>At least one, at most <see cref="ServersMax"/>.</summary>
    public required ImmutableArray<ServerAddress> Servers { get; init; }
    public Balance Balance { get; init; }
    /// <summary>null = off: only what sessions and requests meet marks a server.</summary>
    public HealthCheckOptions? HealthCheck { get; init; }
}

/// <summary>The backend keys of a passthrough section or of a tcp listener.</summary>
public sealed record BackendOptions : ServerList
{
    public ProxyProtocol ProxyProtocol { get; init; }
    public ProxyTlvs ProxyTlvs { get; init; }
    /// <summary>null = auto, the kernel chooses.</summary>
    public IPAddress? SourceAddress { get; init; }
}

/// <summary>The backend keys of an offload section, or a passthrough section's `http-backend` (then Http, without verification).</summary>
public sealed record HttpBackendOptions : ServerList
{
    public HttpScheme Scheme { get; init; }
    public BackendVerification Verification { get; init; } = BackendVerification.On;
    /// <summary>Of an https backend: the name in its certificate and in our hello; null = the server's host if it is a name, else the request's host.</summary>
    public string? ServerName { get; init; }
    /// <summary>From the request's last byte to the first byte of the answer.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>All servers of one list speak the same.</summary>
public enum HttpScheme { Http, Https, H2c }

/// <summary>`backend-verify`.</summary>
/// <param name="CaFile">PEM; null = the system's trust.</param>
public sealed record BackendVerification(bool IsOn, string? CaFile)
{
    public static BackendVerification On { get; } = new(true, null);
    public static BackendVerification Off { get; } = new(false, null);
}

/// <param name="Name">Server name of a tls check, Host of an http check; null = the server's own host.</param>
/// <param name="Path">Of an http check.</param>
public sealed record HealthCheckOptions(HealthCheckKind Kind, TimeSpan Interval, string? Name, string Path);

public enum HealthCheckKind { Tcp, Tls, Http }

public enum ProxyProtocol { Off, V1, V2 }

[Flags]
public enum ProxyTlvs { None = 0, Authority = 1, Alpn = 2, UniqueId = 4, Crc32c = 8 }

public enum Balance { RoundRobin, LeastConnections, Source }

public enum ServerKind { Ip, HostName, Unix }

/// <summary>One server of a backend list, as written.</summary>
/// <param name="Text">`host:port`, `[v6]:port` or `unix:/path`, without a scheme: for logs, and its identity over a reload and between the rooms.</param>
/// <param name="Host">The address, the host name (A-label) or, for unix, the path.</param>
/// <param name="Port">null = the port the client connected to (a URL without a port has its scheme's, 80 or 443); meaningless for unix.</param>
public sealed record ServerAddress(ServerKind Kind, string Text, string Host, int? Port);
