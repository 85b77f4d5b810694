using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>Everything the upstream leg says.</summary>
internal static partial class UpstreamLog
{
    [LoggerMessage(320, LogLevel.Warning, "no connection to {Server} of {Route}: {Reason}; not said again until one works")]
    internal static partial void ConnectFault(ILogger log, string server, string route, string reason);

    [LoggerMessage(321, LogLevel.Error, "{Route}: {File} of backend-verify {Reason}; its requests are answered 502 until a reload")]
    internal static partial void NoTrust(ILogger log, string route, string file, string reason);

    [LoggerMessage(322, LogLevel.Debug, "{Route}: the answer of {Server} can't be used: {Outcome}")]
    internal static partial void BadAnswer(ILogger log, string route, string server, Outcome outcome);
}
