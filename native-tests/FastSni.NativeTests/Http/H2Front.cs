using System.Collections.Concurrent;
using System.Net;
using FastSni.Backends;
using FastSni.Config;
using FastSni.Handoff;
using FastSni.Http;
using FastSni.NativeTests.Support;
using FastSni.Wire;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace FastSni.NativeTests.Http;

/// <summary>A Kestrel that gives every request to the HTTP/2 leg, and a client of it.</summary>
internal sealed class H2Front : IHttpApplication<Exchange>, IAsyncDisposable
{
    private readonly KestrelServer _server;
    private readonly SocketLoops _loops = new();
    private readonly H2Leg _leg;
    private readonly HttpPlan _plan;

    private H2Front(OffloadSection section, GatewayOptions options, HttpProtocols protocols)
    {
        var snapshot = new Snapshot { Gateway = options, Listeners = [], Sections = [section], Admin = new AdminOptions(Socket: null), Warnings = [] };
        _plan = new HttpPlan(snapshot, new ServerRegistry(Log).Build(snapshot));
        _leg = new H2Leg(Log, new UpstreamTrust(Log), _loops);
        _server = H2Backend.Kestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        Route = _plan.RouteOf(section)!;
        Client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null, RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.Latin1 })
        {
            DefaultRequestVersion = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Loopback.Patience,
        };
    }

    internal ListLog Log { get; } = new();

    internal HttpRoute Route { get; }

    internal HttpClient Client { get; }

    /// <summary>Exchanges that are over.</summary>
    internal ConcurrentQueue<Exchange> Ended { get; } = new();

    internal static Task<H2Front> ToAsync(params ServerAddress[] servers) => ToAsync(new HttpBackendOptions { Scheme = HttpScheme.H2c, Servers = [.. servers] });

    internal static async Task<H2Front> ToAsync(HttpBackendOptions backend, GatewayOptions? options = null, long maxBodyBytes = 0,
        HttpProtocols protocols = HttpProtocols.Http2)
    {
        var section = new OffloadSection
        {
            Name = "app",
            Index = 0,
            Backend = backend,
            Tls = TlsIdentity.SelfSigned,
            MaxBodyBytes = maxBodyBytes,
            ResponseHeaders = [new("X-Frame-Options", "DENY")],
        };
        var front = new H2Front(section, options ?? new GatewayOptions(), protocols);
        await front._server.StartAsync(front, CancellationToken.None);
        front.Client.BaseAddress = new Uri(front._server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        return front;
    }

    public Exchange CreateContext(IFeatureCollection contextFeatures)
    {
        var exchange = new Exchange();
        var connection = contextFeatures.GetRequiredFeature<IHttpConnectionFeature>();
        exchange.Begin(contextFeatures, new HandedOffClient
        {
            Descriptor = -1,
            Listener = new Listener
            {
                Name = "https",
                Mode = ListenMode.Tls,
                Endpoints = [],
                Names = RouteTable.Empty,
                UnknownName = RouteAction.Reject,
                NoName = RouteAction.Reject,
                NotTls = RouteAction.Reject,
            },
            Client = IpEndpoint.Create(IPAddress.Parse("203.0.113.9"), connection.RemotePort),
            Local = IpEndpoint.Create(IPAddress.Loopback, 443),
            Lease = new TestLease(),
        }, _plan, 0);
        exchange.IsHttps = true;
        return exchange;
    }

    public Task ProcessRequestAsync(Exchange context)
    {
        if (!RequestCheck.TryRead(context, out _, out int refusal))
            return Page.WriteAsync(context, refusal);
        context.Host = "app.example.org";
        return _leg.ForwardAsync(context, Route);
    }

    public void DisposeContext(Exchange context, Exception? exception) => Ended.Enqueue(context);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _server.StopAsync(atOnce.Token);
        _server.Dispose();
        _leg.Dispose();
        _loops.Dispose();
    }
}
