using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace FastSni.Http;

/// <summary>The gateway's own answers: plain, small, and nothing of the request in them.</summary>
public static class Page
{
    /// <summary>Answers with a status and its reason phrase as text. The response must not have begun.</summary>
    public static async Task WriteAsync(Exchange exchange, int status)
    {
        byte[] text = Encoding.ASCII.GetBytes($"{status} {ReasonPhrases.GetReasonPhrase(status)}\n");
        exchange.Response.StatusCode = status;
        exchange.Response.Headers.ContentType = "text/plain; charset=utf-8";
        exchange.Response.Headers.ContentLength = text.Length;
        exchange.Response.Headers.CacheControl = "no-store";
        // Nothing but a new connection helps: over HTTP/1.1 this one is of no use to the client any more.
        if (status == StatusCodes.Status421MisdirectedRequest && exchange.Request.Protocol != HttpProtocol.Http2)
            exchange.Response.Headers.Connection = "close";
        if (exchange.Request.Method == "HEAD")
            return;
        await exchange.ResponseBody.Writer.WriteAsync(text);
        exchange.DownBytes = text.Length;
    }

    /// <summary>Redirects. The location is the caller's to have checked: no line break, no foreign host.</summary>
    public static void Redirect(Exchange exchange, int status, string location)
    {
        exchange.Response.StatusCode = status;
        exchange.Response.Headers.Location = location;
        exchange.Response.Headers.ContentLength = 0;
    }
}
