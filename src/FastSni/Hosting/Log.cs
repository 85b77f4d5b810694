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

    [LoggerMessage(9, LogLevel.Warning, "SIGUSR2: this version can't upgrade itself in place; restart the service instead")]
    internal static partial void NoUpgrade(ILogger log);

    [LoggerMessage(11, LogLevel.Error, "reload: a fault; the gateway goes on with what is in force")]
    internal static partial void ReloadFault(ILogger log, Exception fault);

    [LoggerMessage(12, LogLevel.Error, "a fault in handing {Client} over; it is closed, the others go on")]
    internal static partial void HandoffFault(ILogger log, Exception fault, string client);

    [LoggerMessage(13, LogLevel.Information, "stopped: HTTP had {Counters}")]
    internal static partial void StoppedHttp(ILogger log, string counters);

    [LoggerMessage(10, LogLevel.Warning, "{Warning}")]
    internal static partial void ConfigWarning(ILogger log, string warning);
}
