using System.Collections.Immutable;
using System.Net;

namespace FastSni.Config;

public enum ListenMode { Tls, Tcp, Http }

/// <summary>Whether clients come behind a proxy that tells who they are (`accept-proxy`).</summary>
public enum AcceptProxy
{
    Off,
    /// <summary>A trusted peer may send a PROXY header; everybody else is a plain client.</summary>
    Accept,
    /// <summary>Only trusted peers, and only with a header.</summary>
    Require,
}

/// <summary>One [listen:NAME] section.</summary>
public sealed record Listener
{
    public required string Name { get; init; }
    public required ListenMode Mode { get; init; }
    public required ImmutableArray<ListenEndpoint> Endpoints { get; init; }
    /// <summary>The names of a tls or http listener; empty for tcp. Listeners that carry the same sections share one table.</summary>
    public required RouteTable Names { get; init; }
    /// <summary>A name no section has.</summary>
    public required RouteAction UnknownName { get; init; }
    public required RouteAction NoName { get; init; }
    public required RouteAction NotTls { get; init; }
    /// <summary>Where a tcp listener forwards to; null for tls and http.</summary>
    public BackendOptions? Backend { get; init; }
    public AcceptProxy AcceptProxy { get; init; }
    /// <summary>Whose PROXY headers and X-Forwarded-* are believed here: the listener's own `trusted-proxies` and the gateway's.</summary>
    public ImmutableArray<IPNetwork> TrustedProxies { get; init; } = [];
}

/// <summary>
/// One socket to open. `:443` in the file is two of these, 0.0.0.0 and [::] (IPV6_V6ONLY); specific addresses are bound with IP_FREEBIND.
/// </summary>
public sealed record ListenEndpoint(IPAddress Address, int Port)
{
    /// <summary>0.0.0.0 or ::, which need no IP_FREEBIND.</summary>
    public bool IsWildcard => Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any);

    /// <summary>True where the operator wrote `:443`: then a machine without IPv6 may go on with IPv4 alone.</summary>
    public bool IsOptional { get; init; }

    public override string ToString() => new IPEndPoint(Address, Port).ToString();
}

/// <summary>What an action key says: refuse, hand over to the offload room (with its default certificate), or go to a section.</summary>
public sealed record RouteAction
{
    private RouteAction(RouteSection? section, bool isOffload) => (Section, IsOffload) = (section, isOffload);

    public static RouteAction Reject { get; } = new(null, false);
    public static RouteAction Offload { get; } = new(null, true);
    public static RouteAction To(RouteSection section) => new(section, section is OffloadSection);

    /// <summary>null for reject and for plain offload.</summary>
    public RouteSection? Section { get; }
    /// <summary>`offload` and `offload:NAME`.</summary>
    public bool IsOffload { get; }
}
