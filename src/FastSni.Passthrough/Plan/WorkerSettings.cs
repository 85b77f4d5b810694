using FastSni.Config;

namespace FastSni.Passthrough;

/// <summary>The limits and times of [gateway] that the loop needs, as one frozen value.</summary>
internal sealed class WorkerSettings(GatewayOptions options, int maxSessions)
{
    /// <summary>All workers together.</summary>
    internal int SessionsMax { get; } = maxSessions;
    internal int SessionsPerClientMax { get; } = options.MaxConnectionsPerClient;
    internal int NewSessionsPerClientMax { get; } = options.MaxNewSessionsPerClient;
    /// <summary>Clients must be counted one by one.</summary>
    internal bool LimitsClients { get; } = options.MaxConnectionsPerClient > 0 || options.MaxNewSessionsPerClient > 0 || options.MaxPendingHellosPerClient > 0;
    internal int PendingHellosMax { get; } = options.MaxPendingHellos;
    internal int PendingHellosPerClientMax { get; } = options.MaxPendingHellosPerClient;
    internal int HelloBytesMax { get; } = options.HelloLimitBytes;
    internal TimeSpan HelloTimeout { get; } = options.HelloTimeout;
    internal TimeSpan ProxyHeaderTimeout { get; } = options.ProxyHeaderTimeout;
    internal TimeSpan ConnectTimeout { get; } = options.ConnectTimeout;
    internal TimeSpan IdleTimeout { get; } = options.IdleTimeout;
    internal TimeSpan HalfCloseTimeout { get; } = options.HalfCloseTimeout;
    internal bool LogsSessions { get; } = options.AccessLog != "off";
    /// <summary>A hand-off gets a line of its own only at debug: its requests have theirs.</summary>
    internal bool LogsHandoffs { get; } = options.LogLevel == ProgramLogLevel.Debug;
}
