using System.Net;
using System.Text;
using FastSni.Backends;
using FastSni.Config;
using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>The HTTP/2 connections to one server, as many as its stream limits make necessary.</summary>
internal sealed class H2Link : IDisposable
{
    private const int HeaderKilobytesMax = 64, StreamWindowBytes = 256 * 1024;
    // Connections are not for ever, so that a name that leads elsewhere is followed; what runs on one runs to its end.
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(60), Lifetime = TimeSpan.FromMinutes(10);

    private readonly HttpBackendOptions _options;
    private readonly HttpMessageInvoker _invoker;

    /// <param name="tls">null = in the clear.</param>
    internal H2Link(Server server, HttpBackendOptions options, UpstreamTls? tls, ILogger log, SocketLoops loops)
    {
        (Server, Report, _options) = (server, new ConnectReport(server, log), options);
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = new H2Connector(server, tls, loops).ConnectAsync,
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = StreamWindowBytes,
            MaxResponseHeadersLength = HeaderKilobytesMax,
            PooledConnectionIdleTimeout = IdleTime,
            PooledConnectionLifetime = Lifetime,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            UseCookies = false,
            UseProxy = false,
        });
    }

    internal Server Server { get; }

    internal ConnectReport Report { get; }

    internal bool IsHttps => _options.Scheme == HttpScheme.Https;

    /// <summary>A URL always has one, and a unix socket is never asked by HTTP/2.</summary>
    internal int Port => Server.Config.Port!.Value;

    /// <summary>What the request's URL has as its host. Of an https backend this is the name in its certificate and in our hello.</summary>
    internal string NameFor(Exchange exchange) =>
        IsHttps ? UpstreamTls.NameFor(exchange, Server, _options.ServerName) : "backend";

    /// <exception cref="UnreachableServerException">Nothing was sent.</exception>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    /// <exception cref="OperationCanceledException">The patience is over.</exception>
    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, Exchange exchange, H2Patience patience)
    {
        message.Options.Set(H2Connector.Terms, new ConnectTerms(Clock.Micros, exchange.Plan.Snapshot.Gateway.ConnectTimeout, patience));
        try
        {
            return await _invoker.SendAsync(message, patience.Token);
        }
        catch (HttpRequestException fault) when (fault.InnerException is UnreachableServerException unreachable)
        {
            throw unreachable;
        }
    }

    public void Dispose() => _invoker.Dispose();
}
