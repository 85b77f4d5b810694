namespace FastSni.Http;

/// <summary>
/// What the backend is told of the client, each the whole value of its header: X-Real-IP, X-Forwarded-For, -Proto, -Host, -Port, and Forwarded (RFC 7239).
/// From the truth, or from a trusted proxy; nothing else that a client sent gets in here.
/// </summary>
/// <param name="Host">Empty only where the request has no usable host.</param>
internal readonly record struct ForwardedValues(string RealIp, string For, string Proto, string Host, string Port, string Forwarded)
{
    /// <summary>Allocates nothing when a client that is no trusted proxy asks for the same host as with the connection's last request.</summary>
    internal static ForwardedValues Of(Exchange exchange)
    {
        if (exchange.Teller is not { } teller || !teller.IsOf(exchange))
            exchange.Teller = teller = new ClientTeller(exchange);
        return teller.Tell(exchange);
    }
}
