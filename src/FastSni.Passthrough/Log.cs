using Microsoft.Extensions.Logging;

namespace FastSni.Passthrough;

/// <summary>Everything this room says.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Error, "a fault in the session of {Client}; it is closed, the others go on")]
    internal static partial void SessionFault(ILogger log, Exception fault, string client);

    [LoggerMessage(101, LogLevel.Information, "listening on {Address} ({Listener}, {Mode}), {Workers} worker(s)")]
    internal static partial void Listening(ILogger log, string address, string listener, string mode, int workers);

    [LoggerMessage(102, LogLevel.Warning, "{Address} ({Listener}) is not an address of this machine yet; bound all the same (IP_FREEBIND)")]
    internal static partial void BoundFree(ILogger log, string address, string listener);

    [LoggerMessage(103, LogLevel.Warning, "{Address} ({Listener}) is left out: {Reason}")]
    internal static partial void ListenerLeftOut(ILogger log, string address, string listener, string reason);

    [LoggerMessage(104, LogLevel.Information, "no longer listening on {Address}")]
    internal static partial void NotListening(ILogger log, string address);

    [LoggerMessage(105, LogLevel.Warning, "out of descriptors or memory: accepting pauses until some are free ({Pauses} pauses so far)")]
    internal static partial void AcceptPaused(ILogger log, long pauses);

    [LoggerMessage(106, LogLevel.Warning, "connection limit of {Limit} reached: {Refused} client(s) refused so far by this worker")]
    internal static partial void ConnectionLimit(ILogger log, int limit, long refused);

    [LoggerMessage(107, LogLevel.Error, "the listening socket on {Address} is broken and was given up")]
    internal static partial void ListenerBroken(ILogger log, string address);

    [LoggerMessage(108, LogLevel.Error, "moving the bytes of {Client} failed for a reason on this side: {Error}; the session is cut")]
    internal static partial void PumpFault(ILogger log, string client, FastSni.Linux.Errno error);

    [LoggerMessage(109, LogLevel.Error, "connecting to {Server} failed for a reason on this side: {Error}")]
    internal static partial void ConnectFault(ILogger log, string server, FastSni.Linux.Errno error);

    [LoggerMessage(110, LogLevel.Warning, "max-connections = {Wanted} is more than the descriptors carry: {Granted} it is; RLIMIT_NOFILE is {OpenFiles} (LimitNOFILE= in the unit raises it)")]
    internal static partial void ConnectionsCut(ILogger log, int wanted, int granted, long openFiles);

    [LoggerMessage(111, LogLevel.Warning, "limit of {Limit} clients without a whole hello reached: more of them are closed at once")]
    internal static partial void PendingLimit(ILogger log, int limit);

    [LoggerMessage(112, LogLevel.Warning, "a limit of each client reached by {Client}: {Refused} client(s) refused for such a limit so far by this worker")]
    internal static partial void ClientLimit(ILogger log, string client, long refused);

    [LoggerMessage(120, LogLevel.Warning, "{Peer} was refused by [listen:{Listener}]: {Reason}")]
    internal static partial void ProxyRefused(ILogger log, string peer, string listener, string reason);

    [LoggerMessage(130, LogLevel.Information, "closed {Sessions} session(s) of banned client(s)")]
    internal static partial void BannedClosed(ILogger log, int sessions);

    [LoggerMessage(140, LogLevel.Warning, "memory is short: {UsedMebibytes} of {LimitMebibytes} MiB are used at {Cgroup}; new clients are refused until it is clearly " +
        "less (MemoryMax= in the unit raises the limit, max-connections lowers the need)")]
    internal static partial void MemoryShort(ILogger log, long usedMebibytes, long limitMebibytes, string cgroup);

    [LoggerMessage(141, LogLevel.Information, "memory is enough again: {UsedMebibytes} of {LimitMebibytes} MiB are used; clients are let in")]
    internal static partial void MemoryEnough(ILogger log, long usedMebibytes, long limitMebibytes);

    [LoggerMessage(142, LogLevel.Warning, "memory is short: {Refused} client(s) refused for that so far")]
    internal static partial void MemoryRefusals(ILogger log, long refused);
}
