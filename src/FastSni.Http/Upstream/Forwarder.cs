using FastSni.Config;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>Sends requests to a route's servers and brings the answers back. One for the whole process.</summary>
public sealed class Forwarder : IForwarder, IDisposable
{
    private readonly H1Leg _h1;
    private readonly H2Leg _h2;

    public Forwarder(ILogger log, SocketLoops loops)
    {
        UpstreamTrust trust = new(log);
        (_h1, _h2) = (new H1Leg(log, trust, loops), new H2Leg(log, trust, loops));
    }

    /// <summary>Answers the exchange from a server of the route, or with 502, 503, 504 if none gives an answer. Fills the exchange's log fields.</summary>
    public Task ForwardAsync(Exchange exchange, HttpRoute route)
    {
        exchange.BodyBytesMax = route.MaxBodyBytes;
        bool isGrpc = IsGrpc(exchange);
        bool needsH2 = route.Options.Scheme == HttpScheme.H2c || (route.Options.Scheme == HttpScheme.Https && isGrpc);
        // A call may be silent for as long as it likes: it is no slow upload. Only where it can be a call at all, or any client could say so.
        if (isGrpc && needsH2 && exchange.Request.Protocol == HttpProtocol.Http2 && exchange.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        return needsH2 ? _h2.ForwardAsync(exchange, route) : _h1.ForwardAsync(exchange, route);
    }

    public void Dispose() => _h2.Dispose();

    // gRPC needs trailers and streams, which only HTTP/2 has.
    private static bool IsGrpc(Exchange exchange) =>
        exchange.Request.Headers.ContentType is [{ } type, ..] && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);
}
