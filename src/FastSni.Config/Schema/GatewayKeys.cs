using System.Net;
using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>[gateway]</summary>
internal static class GatewayKeys
{
    private const int CountMax = 1_000_000;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly DurationRule ShortWait = new(Shortest, TimeSpan.FromMinutes(10));

    public static readonly SectionKind Kind = new("gateway");

    public static readonly Key<int?> Workers = Kind.Key("workers", "auto", new AutoNumberRule(1, 256));
    public static readonly Key<int?> MaxConnections = Kind.Key("max-connections", "auto", new AutoNumberRule(1, CountMax));
    public static readonly Key<int> MaxConnectionsPerClient = Kind.Key("max-connections-per-client", "512", new NumberRule(0, CountMax));
    public static readonly Key<int> MaxNewSessionsPerClient = Kind.Key("max-new-sessions-per-client", "0", new NumberRule(0, CountMax));
    public static readonly Key<int> MaxPendingHellos = Kind.Key("max-pending-hellos", "10000", new NumberRule(1, CountMax));
    public static readonly Key<int> MaxPendingHellosPerClient = Kind.Key("max-pending-hellos-per-client", "64", new NumberRule(1, CountMax));
    public static readonly Key<TimeSpan> HelloTimeout = Kind.Key("hello-timeout", "5s", ShortWait);
    public static readonly Key<long> HelloLimit = Kind.Key("hello-limit", "64k", new SizeRule(1 << 10, 256 << 10));
    public static readonly Key<TimeSpan> ProxyHeaderTimeout = Kind.Key("proxy-header-timeout", "3s", ShortWait);
    public static readonly Key<TimeSpan> HandshakeTimeout = Kind.Key("handshake-timeout", "10s", ShortWait);
    public static readonly Key<TimeSpan> ConnectTimeout = Kind.Key("connect-timeout", "5s", ShortWait);
    public static readonly Key<TimeSpan> IdleTimeout = Kind.Key("idle-timeout", "1h", new DurationRule(Shortest, TimeSpan.FromDays(7)));
    public static readonly Key<TimeSpan> HalfCloseTimeout = Kind.Key("half-close-timeout", "60s", new DurationRule(Shortest, TimeSpan.FromDays(1)));
    public static readonly Key<TimeSpan> DrainTimeout = Kind.Key("drain-timeout", "30s", new DurationRule(TimeSpan.Zero, TimeSpan.FromDays(1)));
    public static readonly Key<string> Log = Kind.Key("log", "journal", new PathRule("journal", "stdout"));
    public static readonly Key<ProgramLogLevel> LogLevel = Kind.Key("log-level", "information", new WordRule<ProgramLogLevel>(
        ("debug", ProgramLogLevel.Debug), ("information", ProgramLogLevel.Information), ("warning", ProgramLogLevel.Warning),
        ("error", ProgramLogLevel.Error)));
    public static readonly Key<string> AccessLog = Kind.Key("access-log", "/var/log/fastsni/access.log", new PathRule("journal", "stdout", "off"));
    public static readonly Key<AccessLogFormat> AccessLogFormat = Kind.Key("access-log-format", "text", new WordRule<AccessLogFormat>(
        ("text", Config.AccessLogFormat.Text), ("json", Config.AccessLogFormat.Json)));
    public static readonly Key<string> StateDirectory = Kind.Key("state-directory", "/var/lib/fastsni", new PathRule { IsDirectory = true });
    public static readonly Key<TimeSpan> ResolveInterval =
        Kind.Key("resolve-interval", "30s", new DurationRule(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)));
    public static readonly Key<int> MaxRequests = Kind.Key("max-requests", "10000", new NumberRule(1, CountMax));
    public static readonly Key<IPNetwork[]> TrustedProxies = Kind.Key("trusted-proxies", "", NetworkRule.List);
}
