using System.Collections.Immutable;
using System.Net;
using System.Text;
using FastSni.Backends;
using FastSni.Config;
using FastSni.Handoff;
using FastSni.Http;
using FastSni.Telemetry;
using FastSni.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastSni.Tests.Http;

/// <summary>One request to a handler without a server: its features are made by hand, and the answer is kept in memory.</summary>
internal sealed class RequestRig : IForwarder
{
    private readonly StreamResponseBodyFeature _body = new(new MemoryStream());

    public RequestRig(Snapshot snapshot, Listener listener, OffloadSection? section = null, string serverName = "")
    {
        Plan = PlanOf(snapshot);
        Client = new HandedOffClient
        {
            Descriptor = -1,
            Listener = listener,
            Section = section,
            Tls = section?.Tls ?? snapshot.DefaultSite.Tls,
            ServerName = Encoding.ASCII.GetBytes(serverName),
            Client = IpEndpoint.Create(IPAddress.Parse("203.0.113.9"), 50123),
            Local = IpEndpoint.Create(IPAddress.Parse("192.0.2.1"), 443),
            Lease = new NoLease(),
        };
    }

    public HttpPlan Plan { get; set; }

    public HandedOffClient Client { get; }

    /// <summary>Beyond those every request has.</summary>
    public IHttpExtendedConnectFeature? ExtendedConnect { get; init; }

    /// <summary>The labels of the routes that requests were forwarded to, in turn.</summary>
    public List<string> Forwarded { get; } = [];

    public string Body => Encoding.ASCII.GetString(((MemoryStream)_body.Stream).ToArray());

    public static HttpPlan PlanOf(Snapshot snapshot) => new(snapshot, new ServerRegistry(NullLogger.Instance).Build(snapshot));

    /// <summary>An exchange that has just begun.</summary>
    /// <param name="host">null = no such header; parts between commas are several headers.</param>
    public Exchange Begin(string method, string target, string? host)
    {
        HttpRequestFeature request = new() { Method = method, RawTarget = target };
        if (host is not null)
            request.Headers.Host = host.Split(", ");
        FeatureCollection features = new();
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(_body);
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        features.Set(ExtendedConnect);
        Exchange exchange = new() { IsHttps = Client.Listener.Mode == ListenMode.Tls };
        exchange.Begin(features, Client, Plan, nowMicros: 0);
        return exchange;
    }

    public Task ForwardAsync(Exchange exchange, HttpRoute route)
    {
        Forwarded.Add(route.Label);
        return Task.CompletedTask;
    }

    private sealed class NoLease : Lease
    {
        protected override void GiveBack(CloseReason requested) { }
    }
}

/// <summary>Pieces of a snapshot.</summary>
internal static class Pieces
{
    public static readonly TlsIdentity Shared = new("/shared.pem", "/shared.key", null);
    public static readonly TlsIdentity Guarded = new("/shared.pem", "/shared.key", "/ca.pem");

    public static HttpBackendOptions HttpBackend => new() { Servers = [new ServerAddress(ServerKind.Ip, "192.0.2.8:80", "192.0.2.8", 80)] };

    public static OffloadSection Offload(int index, string name, TlsIdentity tls, string path = "/") =>
        new() { Index = index, Name = name, Tls = tls, Path = path, Backend = HttpBackend };

    public static PassthroughSection Passthrough(int index, string name, bool hasHttpBackend) => new()
    {
        Index = index,
        Name = name,
        Backend = new BackendOptions { Servers = [new ServerAddress(ServerKind.Ip, "192.0.2.9:443", "192.0.2.9", 443)] },
        HttpBackend = hasHttpBackend ? HttpBackend : null,
    };

    public static Listener Listener(ListenMode mode, RouteTable names, RouteAction action, int port, RouteAction? noName = null) => new()
    {
        Name = $"{mode}-{port}",
        Mode = mode,
        Endpoints = [new ListenEndpoint(IPAddress.Any, port), new ListenEndpoint(IPAddress.IPv6Any, port)],
        Names = names,
        UnknownName = action,
        NoName = noName ?? action,
        NotTls = RouteAction.Reject,
    };

    public static Snapshot Snapshot(ImmutableArray<RouteSection> sections, params ImmutableArray<Listener> listeners) => new()
    {
        Gateway = new GatewayOptions(),
        Listeners = listeners,
        Sections = sections,
        DefaultSite = new DefaultSite(TlsIdentity.SelfSigned, 404),
        Admin = new AdminOptions(Socket: null),
        Warnings = [],
    };
}
