using System.Collections.Immutable;
using System.Net;
using FastSni.Backends;
using FastSni.Config;
using FastSni.Handoff;
using FastSni.Http;
using FastSni.Telemetry;
using FastSni.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FastSni.Tests.Http;

/// <summary>Exchanges as a server would begin them, without one.</summary>
internal static class Exchanges
{
    internal const int LocalPort = 8443;

    /// <summary>A request of this client on a listener that trusts these networks.</summary>
    internal static Exchange From(string client, string[] trusted, params (string Name, string Value)[] headers)
    {
        var exchange = new Exchange();
        exchange.Begin(new HandedOffClient
        {
            Descriptor = -1,
            Listener = Listener([.. trusted.Select(network => IPNetwork.Parse(network))]),
            Client = IpEndpoint.Create(IPAddress.Parse(client), 50_123),
            Local = IpEndpoint.Create(IPAddress.Parse("192.0.2.254"), LocalPort),
            Lease = new NoLease(),
        }, headers);
        exchange.IsHttps = true;
        return exchange;
    }

    /// <summary>The next request of the same connection.</summary>
    internal static void Begin(this Exchange exchange, HandedOffClient client, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestFeature { Method = "GET", Path = "/" };
        foreach ((string name, string value) in headers)
            request.Headers.Append(name, value);
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        exchange.Begin(features, client, Plan(), 0);
    }

    internal static Listener Listener(ImmutableArray<IPNetwork> trusted) => new()
    {
        Name = "https",
        Mode = ListenMode.Tls,
        Endpoints = [],
        Names = RouteTable.Empty,
        UnknownName = RouteAction.Reject,
        NoName = RouteAction.Reject,
        NotTls = RouteAction.Reject,
        TrustedProxies = trusted,
    };

    private static HttpPlan Plan() =>
        new(new Snapshot { Gateway = new GatewayOptions(), Listeners = [], Sections = [], Admin = new AdminOptions(Socket: null), Warnings = [] }, BackendPools.Empty);

    private sealed class NoLease : Lease
    {
        protected override void GiveBack(CloseReason requested)
        {
        }
    }
}
