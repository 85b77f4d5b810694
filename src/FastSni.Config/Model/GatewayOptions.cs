using System.Collections.Immutable;
using System.Net;

namespace FastSni.Config;

/// <summary>[gateway], every key; the defaults are product defaults.</summary>
public sealed record GatewayOptions
{
    /// <summary>Event-loop threads; null = auto, one a core.</summary>
    public int? Workers { get; init; }
    /// <summary>null = auto: the smaller of 100,000 and what RLIMIT_NOFILE carries.</summary>
    public int? MaxConnections { get; init; }
    /// <summary>0 = no limit.</summary>
    public int MaxConnectionsPerClient { get; init; } = 512;
    /// <summary>A second; 0 = no limit.</summary>
    public int MaxNewSessionsPerClient { get; init; }
    public int MaxPendingHellos { get; init; } = 10_000;
    public int MaxPendingHellosPerClient { get; init; } = 64;
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromSeconds(5);
    public int HelloLimitBytes { get; init; } = 64 * 1024;
    public TimeSpan ProxyHeaderTimeout { get; init; } = TimeSpan.FromSeconds(3);
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromHours(1);
    public TimeSpan HalfCloseTimeout { get; init; } = TimeSpan.FromSeconds(60);
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>`journal`, `stdout` or an absolute path.</summary>
    public string Log { get; init; } = "journal";
    public ProgramLogLevel LogLevel { get; init; } = ProgramLogLevel.Information;
    /// <summary>`journal`, `stdout`, `off` or an absolute path.</summary>
    public string AccessLog { get; init; } = "/var/log/fastsni/access.log";
    public AccessLogFormat AccessLogFormat { get; init; } = AccessLogFormat.Text;
    public string StateDirectory { get; init; } = "/var/lib/fastsni";
    public TimeSpan ResolveInterval { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>`max-requests`: HTTP requests in flight, all clients and both rooms together; more are answered 503.</summary>
    public int MaxRequests { get; init; } = 10_000;
    /// <summary>Whose PROXY headers and X-Forwarded-* are believed on every listener.</summary>
    public ImmutableArray<IPNetwork> TrustedProxies { get; init; } = [];
}

public enum ProgramLogLevel { Debug, Information, Warning, Error }

public enum AccessLogFormat { Text, Json }
