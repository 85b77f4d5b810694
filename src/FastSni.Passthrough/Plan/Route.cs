using FastSni.Backends;
using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>Where sessions go: the servers of a passthrough section or of a tcp listener, and how to greet them.</summary>
internal sealed class Route(string label, BackendOptions options, ServerPool pool)
{
    /// <summary>`passthrough:yunohost` or `listen:smtp`, as in the access log.</summary>
    internal string Label { get; } = label;

    internal ServerPool Pool { get; } = pool;

    internal ProxyProtocol ProxyProtocol { get; } = options.ProxyProtocol;

    internal ProxyTlvs ProxyTlvs { get; } = options.ProxyTlvs;

    /// <summary>The address of ours to connect from; none = the kernel's choice.</summary>
    internal IpEndpoint Source { get; } = options.SourceAddress is { } address ? IpEndpoint.Create(address, 0) : default;
}
