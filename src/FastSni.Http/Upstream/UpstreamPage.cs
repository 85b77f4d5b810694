namespace FastSni.Http;

/// <summary>The gateway's own answer in the stead of a backend's.</summary>
internal static class UpstreamPage
{
    /// <summary>Answers with a status and the route's headers, or cuts the answer that has begun.</summary>
    internal static Task WriteAsync(Exchange exchange, HttpRoute route, int status)
    {
        if (exchange.Response.HasStarted)
        {
            exchange.Abort();
            return Task.CompletedTask;
        }
        exchange.Response.Headers.Clear();      // What a broken answer has left.
        exchange.Response.ReasonPhrase = null;
        foreach (KeyValuePair<string, string> header in route.ResponseHeaders)
            exchange.Response.Headers[header.Key] = header.Value;
        return Page.WriteAsync(exchange, status);
    }
}
