using System.Net;
using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>[listen:NAME]</summary>
internal static class ListenKeys
{
    private const int AddressesMax = 64;
    private const int ExamplePort = 443;

    public static readonly SectionKind Kind = new("listen") { Named = true };

    public static readonly Key<ListenEndpoint[][]> Address =
        Kind.Key("address", null, new ListRule<ListenEndpoint[]>(new EndpointRule(ExamplePort), "address", AddressesMax));

    public static readonly Key<ListenMode> Mode = Kind.Key("mode", null, new WordRule<ListenMode>(("tls", ListenMode.Tls), ("http", ListenMode.Http), ("tcp", ListenMode.Tcp))
    {
        Later = [("quic", NotYet.QuicListener)],
    });

    public static readonly Key<AcceptProxy> AcceptProxy = Kind.Key("accept-proxy", "off", new WordRule<AcceptProxy>(
        ("off", Config.AcceptProxy.Off), ("accept", Config.AcceptProxy.Accept), ("require", Config.AcceptProxy.Require)));

    public static readonly Key<IPNetwork[]> TrustedProxies = Kind.Key("trusted-proxies", "", NetworkRule.List);

    /// <summary>Of a tls listener, and `action` of an http listener: in the stead of [default]'s.</summary>
    public static readonly ActionKeys Actions = new(Kind, hasDefaults: false);

    /// <summary>Of a tcp listener.</summary>
    public static readonly BackendKeys Backend = new(Kind);
}
