using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace FastSni.Http;

/// <summary>The first look at a request, the same in every room: what no backend may ever see ends here.</summary>
public static class RequestCheck
{
    // A status of 405 has to say what is allowed (RFC 9110 15.5.6).
    private const string Allowed = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    /// <summary>
    /// Reads method, target and host. True: <see cref="Exchange.Host"/> and <see cref="Exchange.Target"/> are set. Kestrel lets most of what is refused here pass. On HTTP/2 it has put
    /// `:authority` in the place of a Host already, so that the two can't differ in what a backend gets.
    /// </summary>
    /// <param name="refusal">The status to answer with where the result is false.</param>
    public static bool TryRead(Exchange exchange, out RequestTarget target, out int refusal)
    {
        target = default;
        refusal = 405;
        if (!IsForBackends(exchange))
        {
            exchange.Response.Headers.Allow = Allowed;
            return false;
        }
        refusal = 400;
        if (!IsFramedPlainly(exchange))
        {
            // Where one reader sees the end of such a body, another may see a request of its own.
            exchange.Response.Headers.Connection = "close";
            return false;
        }
        bool isOptions = exchange.Request.Method == "OPTIONS";
        if (!RequestTarget.TryParse(exchange.Request.RawTarget, isOptions, exchange.IsHttps, out target))
            return false;
        StringValues hosts = exchange.Request.Headers.Host;
        if (hosts.Count != 1 || !HostHeader.TryParse(hosts[0] ?? "", out HostHeader host))
            return false;
        if (target.Authority is { } authority && !(HostHeader.TryParse(authority, out HostHeader other) && other == host))
            return false;
        (exchange.Host, exchange.Target) = (host.Name, target);
        return true;
    }

    /// <summary>
    /// No transfer coding, or `chunked` alone in HTTP/1.1 and without a Content-Length beside it (RFC 9112 6.1, 6.3). Kestrel takes such a Content-Length out
    /// before a handler sees the request, and leaves its value as X-Content-Length; it would also undo any list that ends with chunked, and forget the rest of
    /// it. HTTP/2 frames bodies by itself and has no headers of a connection (RFC 9113 8.2.2).
    /// </summary>
    private static bool IsFramedPlainly(Exchange exchange)
    {
        IHeaderDictionary headers = exchange.Request.Headers;
        StringValues codings = headers.TransferEncoding;
        if (exchange.Request.Protocol == HttpProtocol.Http2)
            return codings.Count == 0 && headers.KeepAlive.Count == 0 && headers.ProxyConnection.Count == 0 && headers.Upgrade.Count == 0;
        return codings.Count == 0
            || (codings is [{ } coding] && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase)
                && exchange.Request.Protocol == HttpProtocol.Http11 && !headers.ContainsKey("X-Content-Length"));
    }

    /// <summary>
    /// Any method but TRACE, which would echo what the gateway adds, and CONNECT, unless it opens a WebSocket on HTTP/2 (RFC 8441). Methods have a case, but
    /// a backend may not know.
    /// </summary>
    private static bool IsForBackends(Exchange exchange)
    {
        string method = exchange.Request.Method;
        if (method.Equals("TRACE", StringComparison.OrdinalIgnoreCase))
            return false;
        if (!method.Equals("CONNECT", StringComparison.OrdinalIgnoreCase))
            return true;
        return exchange.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: { } protocol }
            && protocol.Equals("websocket", StringComparison.OrdinalIgnoreCase);
    }
}
