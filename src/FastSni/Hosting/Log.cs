using Microsoft.Extensions.Logging;

namespace FastSni.Hosting;

/// <summary>Everything the host says.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "ready: fastsni {Version} with {Config}")]
    internal static partial void Ready(ILogger log, string version, string config);

    [LoggerMessage(2, LogLevel.Information, "reloaded {Config}: new sessions follow it")]
    internal static partial void Reloaded(ILogger log, string config);

    [LoggerMessage(3, LogLevel.Error, "reload: {Error}")]
    internal static partial void ReloadError(ILogger log, string error);

    [LoggerMessage(4, LogLevel.Error, "reload of {Config} refused for {Count} error(s); the old configuration stays in force")]
    internal static partial void ReloadRefused(ILogger log, string config, int count);

    [LoggerMessage(5, LogLevel.Information, "draining: no new clients; {Sessions} session(s) may finish within {Seconds} s")]
    internal static partial void Draining(ILogger log, int sessions, double seconds);

    [LoggerMessage(6, LogLevel.Information, "stopped: {Closed} session(s) had to be closed; in all {Accepted} client(s) were accepted ({Ends}), {PipesRefused} read(s) copied for want of a pipe, {Dropped} log line(s) lost")]
    internal static partial void Stopped(ILogger log, int closed, long accepted, string ends, long pipesRefused, long dropped);

    [LoggerMessage(7, LogLevel.Information, "logs reopened")]
    internal static partial void Reopened(ILogger log);

    [LoggerMessage(8, LogLevel.Error, "the log can't be reopened, the old one goes on: {Error}")]
    internal static partial void ReopenFailed(ILogger log, string error);

    [LoggerMessage(11, LogLevel.Error, "reload: a fault; the gateway goes on with what is in force")]
    internal static partial void ReloadFault(ILogger log, Exception fault);

    [LoggerMessage(14, LogLevel.Warning, "{Key} has a new value, which takes an upgrade (`fastsni upgrade`) or a restart; the rest is in force")]
    internal static partial void NeedsUpgrade(ILogger log, string key);

    [LoggerMessage(15, LogLevel.Warning, "{Problem}; the gateway goes on without it")]
    internal static partial void NoDoor(ILogger log, string problem);

    [LoggerMessage(16, LogLevel.Error, "a fault while closing the sessions of banned clients")]
    internal static partial void BanFault(ILogger log, Exception fault);

    [LoggerMessage(17, LogLevel.Error, "a fault while closing the admin address")]
    internal static partial void AdminFault(ILogger log, Exception fault);

    [LoggerMessage(12, LogLevel.Error, "a fault in handing {Client} over; it is closed, the others go on")]
    internal static partial void HandoffFault(ILogger log, Exception fault, string client);

    [LoggerMessage(13, LogLevel.Information, "stopped: HTTP had {Counters}")]
    internal static partial void StoppedHttp(ILogger log, string counters);

    [LoggerMessage(10, LogLevel.Warning, "{Warning}")]
    internal static partial void ConfigWarning(ILogger log, string warning);

    [LoggerMessage(30, LogLevel.Information, "upgrade: {Path} runs as process {Process} and is handed {Sockets} listening socket(s)")]
    internal static partial void UpgradeBegun(ILogger log, string path, int process, int sockets);

    [LoggerMessage(31, LogLevel.Information, "upgrade: process {Process} serves; this one finishes what it has")]
    internal static partial void Upgraded(ILogger log, int process);

    [LoggerMessage(32, LogLevel.Error, "upgrade: {Error}; this process goes on")]
    internal static partial void UpgradeFailed(ILogger log, string error);

    [LoggerMessage(38, LogLevel.Error, "upgrade: a fault; this process goes on")]
    internal static partial void UpgradeFault(ILogger log, Exception fault);

    [LoggerMessage(33, LogLevel.Warning, "not now: this process is upgrading or draining already")]
    internal static partial void UpgradeIgnored(ILogger log);

    [LoggerMessage(34, LogLevel.Information, "{Sockets} listening socket(s) taken over from {From}")]
    internal static partial void Inherited(ILogger log, int sockets, string from);

    [LoggerMessage(35, LogLevel.Warning, "descriptor {Number} was handed over as a listening socket, but is none that can be used (TCP; IPv6 with BindIPv6Only=ipv6-only); it is ignored")]
    internal static partial void NoListeningSocket(ILogger log, int number);

    [LoggerMessage(36, LogLevel.Warning, "nothing is taken over: {Problem}")]
    internal static partial void NotInherited(ILogger log, string problem);

    [LoggerMessage(37, LogLevel.Warning, "process {Process}, from which this one took over, does not answer; this one serves all the same")]
    internal static partial void PredecessorGone(ILogger log, int process);
}
