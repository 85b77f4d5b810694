using System.Buffers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FastSni.Http;

/// <summary>What decides how a request is written: its body, and whether it asks for a tunnel.</summary>
/// <param name="ContentLength">As the client said; null = none was said, and a body is sent in chunks.</param>
/// <param name="Upgrade">The protocol asked for; null = an ordinary request.</param>
/// <param name="WebSocketKey">Of an extended CONNECT (RFC 8441), which has none itself; null = a client of HTTP/1.1 does the handshake.</param>
internal readonly record struct RequestShape(bool HasBody, long? ContentLength, string? Upgrade, string? WebSocketKey)
{
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Of a request that has passed <see cref="RequestCheck"/>: CONNECT is a WebSocket there, or refused.</summary>
    internal static RequestShape Of(Exchange exchange)
    {
        IHeaderDictionary headers = exchange.Request.Headers;
        if (exchange.Request.Method == "CONNECT")
            return new(false, null, "websocket", Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));
        if (headers.Upgrade.Count > 0 && UpgradeToken(exchange) is { } token)
            return new(false, null, token, null);
        long? length = headers.ContentLength;
        // In HTTP/2 a body needs no header that announces it.
        bool hasBody = length is { } bytes ? bytes > 0
            : headers.TransferEncoding.Count > 0 || (!exchange.Request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal) && CanHaveBody(exchange));
        return new(hasBody, length, null, null);
    }

    internal static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenChars);

    /// <summary>Sending it twice does what sending it once does (RFC 9110 9.2.2).</summary>
    internal static bool IsIdempotent(string method) => method is "GET" or "HEAD" or "OPTIONS" or "PUT" or "DELETE";

    private static bool CanHaveBody(Exchange exchange) => exchange.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? false;

    // Other HTTP and TLS are not for a client to start behind our back; a list asks for several things at once.
    private static string? UpgradeToken(Exchange exchange)
    {
        if (exchange.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } || exchange.Request.Headers.Upgrade is not [{ } value])
            return null;
        int slash = value.IndexOf('/', StringComparison.Ordinal);
        ReadOnlySpan<char> name = slash < 0 ? value : value.AsSpan(0, slash);
        bool isWellFormed = IsToken(name) && (slash < 0 || IsToken(value.AsSpan(slash + 1)));
        bool isOurs = name.Equals("h2c", StringComparison.OrdinalIgnoreCase) || name.Equals("HTTP", StringComparison.OrdinalIgnoreCase)
            || name.Equals("TLS", StringComparison.OrdinalIgnoreCase);
        return isWellFormed && !isOurs ? value : null;
    }
}
