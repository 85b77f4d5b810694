using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>Everything the HTTP rooms share in saying.</summary>
internal static partial class Log
{
    [LoggerMessage(300, LogLevel.Error, "a fault in a request of {Client} ({Route}); it was answered 500 or cut, the others go on")]
    internal static partial void RequestFault(ILogger log, Exception fault, string client, string route);

    [LoggerMessage(301, LogLevel.Error, "a fault in the connection of {Client}; it was cut, the others go on")]
    internal static partial void ConnectionFault(ILogger log, Exception fault, string client);
}
