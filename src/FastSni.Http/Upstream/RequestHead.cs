using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace FastSni.Http;

/// <summary>Writes the head of a request to a server (RFC 9112 3, 5).</summary>
internal static class RequestHead
{
    /// <summary>False: something in the request can't be said in HTTP/1.1; it must not be sent.</summary>
    internal static bool TryWrite(OutBuffer target, Exchange exchange, RequestShape shape)
    {
        IHeaderDictionary headers = exchange.Request.Headers;
        return TryWriteRequestLine(target, exchange.Request.Method, exchange.Target.Text, shape)
            && TryWriteHeader(target, "Host", headers.Host.Count == 1 ? headers.Host[0] : "")
            && TryWriteEndToEnd(target, headers, shape)
            && TryWriteForwarding(target, exchange)
            && TryWriteOurs(target, shape);
    }

    private static bool TryWriteRequestLine(OutBuffer target, string method, string origin, RequestShape shape)
    {
        string written = shape.WebSocketKey is null ? method : "GET";
        if (!RequestShape.IsToken(written) || !target.TryWrite(written))
            return false;
        target.Write(" "u8);
        bool isWritten = target.TryWrite(origin);
        target.Write(" HTTP/1.1\r\n"u8);
        return isWritten;
    }

    private static bool TryWriteEndToEnd(OutBuffer target, IHeaderDictionary headers, RequestShape shape)
    {
        StringValues connection = headers.Connection;
        foreach (KeyValuePair<string, StringValues> header in headers)
        {
            if (!RequestHeaders.PassesOn(header.Key) || (connection.Count > 0 && RequestHeaders.IsNamedIn(connection, header.Key)))
                continue;
            if (!RequestShape.IsToken(header.Key))
                return false;   // `:method` and what else HTTP/2 lets through.
            if (shape.WebSocketKey is not null && header.Key.Equals("Sec-WebSocket-Key", StringComparison.OrdinalIgnoreCase))
                continue;
            for (int i = 0; i < header.Value.Count; i++)
            {
                if (!TryWriteHeader(target, header.Key, header.Value[i]))
                    return false;
            }
        }
        return true;
    }

    private static bool TryWriteForwarding(OutBuffer target, Exchange exchange)
    {
        ForwardedValues values = ForwardedValues.Of(exchange);
        return TryWriteHeader(target, "X-Real-IP", values.RealIp)
            && TryWriteHeader(target, "X-Forwarded-For", values.For)
            && TryWriteHeader(target, "X-Forwarded-Proto", values.Proto)
            && TryWriteHeader(target, "X-Forwarded-Host", values.Host)
            && TryWriteHeader(target, "X-Forwarded-Port", values.Port)
            && TryWriteHeader(target, "Forwarded", values.Forwarded);
    }

    private static bool TryWriteOurs(OutBuffer target, RequestShape shape)
    {
        if (shape.Upgrade is { } protocol)
        {
            target.Write("Connection: Upgrade\r\n"u8);
            if (!TryWriteHeader(target, "Upgrade", protocol) || (shape.WebSocketKey is { } key && !TryWriteHeader(target, "Sec-WebSocket-Key", key)))
                return false;
        }
        else if (shape.ContentLength is { } length)
        {
            target.Write("Content-Length: "u8);
            target.WriteDecimal(length);
            target.Write("\r\n"u8);
        }
        else if (shape.HasBody)
            target.Write("Transfer-Encoding: chunked\r\n"u8);
        target.Write("\r\n"u8);
        return true;
    }

    private static bool TryWriteHeader(OutBuffer target, string name, string? value)
    {
        bool isWritten = target.TryWrite(name);
        target.Write(": "u8);
        isWritten &= target.TryWrite(value);
        target.Write("\r\n"u8);
        return isWritten;
    }
}
