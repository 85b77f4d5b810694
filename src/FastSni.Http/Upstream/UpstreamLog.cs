using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>Everything the upstream leg says.</summary>
internal static partial class UpstreamLog
{
    [LoggerMessage(320, LogLevel.Error, "connecting to {Server} failed for a reason on this side: {Error}")]
    internal static partial void ConnectFault(ILogger log, string server, System.Net.Sockets.SocketError error);

    [LoggerMessage(321, LogLevel.Error, "{Route}: the CA file of backend-verify can't be used ({Reason}); its requests are answered 502")]
    internal static partial void NoTrust(ILogger log, string route, string reason);

    [LoggerMessage(322, LogLevel.Debug, "{Route}: the answer of {Server} can't be used: {Outcome}")]
    internal static partial void BadAnswer(ILogger log, string route, string server, Outcome outcome);
}
