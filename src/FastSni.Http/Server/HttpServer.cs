using System.Text;
using FastSni.Config;
using FastSni.Handoff;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace FastSni.Http;

/// <summary>
/// One Kestrel without a port: it parses and writes HTTP for the clients it is given. Sections with other <see cref="HttpLimits"/> have a server of their
/// own, since Kestrel limits by server.
/// </summary>
public sealed class HttpServer : IDisposable
{
    private const int HeadersMax = 100, RequestLineBytesMax = 16 * 1024;

    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(75), HeadersTimeout = TimeSpan.FromSeconds(15), RateGrace = TimeSpan.FromSeconds(5);

    private static readonly DigitsEncoding ContentLength = new();

    private readonly HandoffListener _listener = new();
    private readonly KestrelServer _kestrel;
    private readonly RequestApplication _application;

    /// <param name="tls">Ends TLS; null = requests come in the clear.</param>
    public HttpServer(HttpLimits limits, HttpServices services, IRequestHandler handler, ITlsTerminator? tls)
    {
        _application = new RequestApplication(services, handler);
        KestrelServerOptions options = new() { AddServerHeader = false };
        // Latin-1 both ways: every byte of a header goes through as it came.
        options.RequestHeaderEncodingSelector = static name => name == HeaderNames.ContentLength ? ContentLength : Encoding.Latin1;
        options.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        Limit(options.Limits, limits);
        options.Listen(_listener.EndPoint, listen =>
        {
            listen.Protocols = tls is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            listen.Use(next => new ConnectionDoor(next, tls, services).RunAsync);
        });
        _kestrel = new KestrelServer(Options.Create(options), _listener, new KestrelLog(services.KestrelLogs, services.Requests, services.Gate));
    }

    public Task StartAsync() => _kestrel.StartAsync(_application, CancellationToken.None);

    /// <summary>Takes a client over, or closes it: false where too many are waiting, or the server is stopping.</summary>
    public bool TryPost(HandedOffClient client) => _listener.TryPost(client);

    /// <summary>Closes a client that no server takes.</summary>
    public static void Discard(HandedOffClient client) => HandoffListener.Discard(client);

    /// <summary>Lets requests in flight finish and closes every connection behind its last one (HTTP/2: GOAWAY).</summary>
    /// <param name="hurry">Cuts what is left.</param>
    public async Task StopAsync(CancellationToken hurry)
    {
        // Kestrel would cut them too, but without a reason.
        await using CancellationTokenRegistration cut = hurry.Register(_listener.Connections.Cut);
        Task stopping = _kestrel.StopAsync(hurry);
        await _listener.Connections.LookAfterAsync(stopping);
        await stopping;
    }

    public void Dispose() => _kestrel.Dispose();

    // Kestrel's defaults leave some of these open.
    private static void Limit(KestrelServerLimits kestrel, HttpLimits limits)
    {
        kestrel.MaxRequestHeadersTotalSize = limits.HeaderBytesMax;
        kestrel.MaxRequestHeaderCount = HeadersMax;
        kestrel.MaxRequestLineSize = Math.Min(RequestLineBytesMax, limits.HeaderBytesMax);
        kestrel.MaxRequestBodySize = null;      // The route's own limit is set for each request.
        kestrel.KeepAliveTimeout = KeepAliveTimeout;
        kestrel.RequestHeadersTimeout = HeadersTimeout;
        kestrel.MinRequestBodyDataRate = RateOf(limits.BodyBytesPerSecondMin);
        kestrel.MinResponseDataRate = RateOf(HttpLimits.Default.BodyBytesPerSecondMin);
        kestrel.Http2.MaxStreamsPerConnection = limits.StreamsMax;
        kestrel.Http2.MaxRequestHeaderFieldSize = limits.HeaderBytesMax;
    }

    private static MinDataRate? RateOf(int bytesPerSecond) => bytesPerSecond == 0 ? null : new MinDataRate(bytesPerSecond, RateGrace);
}
