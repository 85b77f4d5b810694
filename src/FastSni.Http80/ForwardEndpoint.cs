using FastSni.Http;

namespace FastSni.Http80;

/// <summary>A passthrough name with `http-backend`: everything is its own, redirects and ACME challenges included.</summary>
internal static class ForwardEndpoint
{
    internal static Task AnswerAsync(Exchange exchange, HttpRoute route, IForwarder forwarder)
    {
        exchange.Route = route.Label;
        return forwarder.ForwardAsync(exchange, route);
    }
}
