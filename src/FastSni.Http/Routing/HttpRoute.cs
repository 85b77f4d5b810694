using System.Collections.Immutable;
using System.Globalization;
using FastSni.Backends;
using FastSni.Config;

namespace FastSni.Http;

/// <summary>Where requests of one section go, and what their answers get.</summary>
public sealed class HttpRoute
{
    private HttpRoute(RouteSection section, HttpBackendOptions options, ServerPool pool) => (Label, Options, Pool) = (section.Label, options, pool);

    /// <summary>`offload:app` or `passthrough:yunohost`, as in the access log.</summary>
    public string Label { get; }

    public HttpBackendOptions Options { get; }

    public ServerPool Pool { get; }

    /// <summary>Bytes of a request's body; 0 = no limit.</summary>
    public long MaxBodyBytes { get; private init; }

    /// <summary>`header.NAME` and hsts: set on every response of this route, ours included, in the stead of the backend's.</summary>
    public ImmutableArray<KeyValuePair<string, string>> ResponseHeaders { get; private init; } = [];

    internal static HttpRoute? Create(RouteSection section, BackendPools pools) => section switch
    {
        OffloadSection offload => new HttpRoute(offload, offload.Backend, pools[offload.Backend])
        {
            MaxBodyBytes = offload.MaxBodyBytes,
            ResponseHeaders = offload.Hsts is { } age
                ? offload.ResponseHeaders.Add(new("Strict-Transport-Security", "max-age=" + ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture)))
                : offload.ResponseHeaders,
        },
        PassthroughSection { HttpBackend: { } http } passthrough => new HttpRoute(passthrough, http, pools[http]),
        _ => null,
    };
}
