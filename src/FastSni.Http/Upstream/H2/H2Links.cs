using System.Runtime.CompilerServices;
using FastSni.Config;
using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>The links in use. Those of a configuration that a reload has replaced go with their route, once the last connection has been idle.</summary>
internal sealed class H2Links(ILogger log, UpstreamTrust trust, SocketLoops loops) : IDisposable
{
    private readonly ConditionalWeakTable<HttpRoute, H2Link[]> _links = [];

    /// <summary>One for each server of the route, in its order; none where nobody can be trusted.</summary>
    internal H2Link[] Of(HttpRoute route) => _links.GetValue(route, Make);

    public void Dispose()
    {
        foreach ((HttpRoute _, H2Link[] links) in _links)
        {
            foreach (H2Link link in links)
                link.Dispose();
        }
    }

    private H2Link[] Make(HttpRoute route)
    {
        UpstreamTls? tls = route.Options.Scheme == HttpScheme.Https ? trust.Of(route) : null;
        return tls is null && route.Options.Scheme == HttpScheme.Https ? [] : [.. route.Pool.Servers.Select(server => new H2Link(server, route.Options, tls, log, loops))];
    }
}
