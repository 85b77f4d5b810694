using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>Sends requests to a route's servers and brings the answers back. One for the whole process.</summary>
public sealed class Forwarder(ILogger log) : IForwarder, IDisposable
{
    private readonly H2Leg _h2 = new(log);

    public void Dispose() => _h2.Dispose();

    /// <summary>Answers the exchange from a server of the route, or with 502, 503, 504 if none gives an answer. Fills the exchange's log fields.</summary>
    public Task ForwardAsync(Exchange exchange, HttpRoute route) => _h2.ForwardAsync(exchange, route);
}
