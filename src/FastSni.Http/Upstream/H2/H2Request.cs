using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace FastSni.Http;

/// <summary>Writes the backend's request from the client's.</summary>
internal static class H2Request
{
    /// <param name="body">null = the request has none.</param>
    internal static HttpRequestMessage Create(Exchange exchange, H2Link link, H2RequestBody? body)
    {
        var message = new HttpRequestMessage(Method(exchange.Request.Method), Target(exchange, link))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        IHeaderDictionary headers = exchange.Request.Headers;
        StringValues connection = headers.Connection;
        foreach ((string name, StringValues values) in headers)
        {
            if (RequestHeaders.PassesOn(name) && !RequestHeaders.IsNamedIn(connection, name))
                Add(message, name, values);
        }
        message.Headers.TryAddWithoutValidation("Host", headers.Host.ToString());
        // gRPC servers ask for this one to know that nobody on the way drops trailers; we don't (RFC 9110 section 10.1.4).
        if (HeaderName.IsInList(headers.TE, "trailers"))
            message.Headers.TryAddWithoutValidation("TE", "trailers");
        if (body is not null)
            body.Headers.ContentLength = headers.ContentLength;
        AddForwarded(message, ForwardedValues.Of(exchange));
        return message;
    }

    // Not HttpMethod.Parse: a `get` is no GET (RFC 9110 section 9.1).
    private static HttpMethod Method(string method) => method switch
    {
        "GET" => HttpMethod.Get,
        "POST" => HttpMethod.Post,
        _ => new HttpMethod(method),
    };

    private static void Add(HttpRequestMessage message, string name, StringValues values)
    {
        if (message.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            return;
        // Content-Type and its like go with a content, and a request without a body may have them too.
        message.Content ??= new ByteArrayContent([]);
        message.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
    }

    private static void AddForwarded(HttpRequestMessage message, ForwardedValues values)
    {
        message.Headers.TryAddWithoutValidation("X-Real-IP", values.RealIp);
        message.Headers.TryAddWithoutValidation("X-Forwarded-For", values.For);
        message.Headers.TryAddWithoutValidation("X-Forwarded-Proto", values.Proto);
        message.Headers.TryAddWithoutValidation("X-Forwarded-Host", values.Host);
        message.Headers.TryAddWithoutValidation("X-Forwarded-Port", values.Port);
        message.Headers.TryAddWithoutValidation("Forwarded", values.Forwarded);
    }

    private static Uri Target(Exchange exchange, H2Link link)
    {
        // A path is passed on as it came: what it means is for the backend to say.
        UriCreationOptions verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };
        string name = link.NameFor(exchange);
        string target = exchange.Target.Text == "*" ? "/" : exchange.Target.Text;     // `*` can't be said in a URL.
        return new Uri($"{(link.IsHttps ? "https" : "http")}://{name}:{link.Port}{target}", in verbatim);
    }
}
