using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>Everything the HTTP/2 leg says.</summary>
internal static partial class H2Log
{
    [LoggerMessage(342, LogLevel.Debug, "{Route}: {Server} gave no whole answer: {Reason}")]
    internal static partial void NoAnswer(ILogger log, string route, string server, string reason);

    [LoggerMessage(343, LogLevel.Debug, "{Route}: a WebSocket can't go to an h2c backend, answered 501; write http:// for a backend that takes them")]
    internal static partial void NoTunnel(ILogger log, string route);
}
