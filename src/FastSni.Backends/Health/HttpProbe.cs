using System.Net;
using FastSni.Config;

namespace FastSni.Backends;

/// <summary>One GET on a connection that stands already. 2xx and 3xx are well, once the answer, or its first 64 kB, has come.</summary>
internal static class HttpProbe
{
    /// <param name="connection">Plain, or TLS behind its handshake; closed here.</param>
    /// <returns>null = well; else the status, for the log.</returns>
    /// <exception cref="HttpRequestException">That is no HTTP.</exception>
    internal static async Task<string?> AskAsync(HealthTarget target, Stream connection, CancellationToken stop)
    {
        // The handler asks for another connection where one ends without an answer: there is none.
        Stream? unused = connection;
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = (_, _) => ValueTask.FromResult(Interlocked.Exchange(ref unused, null) ?? throw new HttpIOException(HttpRequestError.ResponseEnded)),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = HealthProbe.ReadBytesMax / 1024,
        };
        using HttpMessageInvoker invoker = new(handler);
        using HttpRequestMessage request = RequestFor(target);
        using HttpResponseMessage response = await invoker.SendAsync(request, stop).ConfigureAwait(false);
        if ((int)response.StatusCode is not (>= 200 and < 400))
            return $"HTTP status {(int)response.StatusCode}";
        await using Stream body = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        byte[] buffer = new byte[4096];
        for (int bytes = 0, read = 1; read > 0 && bytes < HealthProbe.ReadBytesMax; bytes += read)
            read = await body.ReadAsync(buffer, stop).ConfigureAwait(false);
        return null;
    }

    private static HttpRequestMessage RequestFor(HealthTarget target)
    {
        // The connection is made and, for https, secured: to the handler it is plain HTTP to whomever.
        HttpRequestMessage request = new(HttpMethod.Get, "http://backend" + target.Check.Path)
        {
            Version = target.Scheme == HttpScheme.H2c ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Host = target.Check.Name ?? HostOf(target);
        request.Headers.UserAgent.ParseAdd("FastSni-health-check");
        if (target.Scheme != HttpScheme.H2c)
            request.Headers.ConnectionClose = true;
        return request;
    }

    private static string HostOf(HealthTarget target)
    {
        ServerAddress server = target.Server.Config;
        if (server.Kind == ServerKind.Unix)
            return "localhost";
        string host = server.Host.Contains(':', StringComparison.Ordinal) ? $"[{server.Host}]" : server.Host;
        return target.Port == (target.Scheme == HttpScheme.Https ? 443 : 80) ? host : $"{host}:{target.Port}";
    }
}
