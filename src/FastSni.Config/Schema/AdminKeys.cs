using System.Net;
using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>[admin]</summary>
internal static class AdminKeys
{
    public const string SocketOff = "off";

    private const int AddressesMax = 64;
    private const int ExamplePort = 9180;

    public static readonly SectionKind Kind = new("admin");

    public static readonly Key<string> Socket =
        Kind.Key("socket", "/run/fastsni/control.sock", new PathRule(SocketOff) { BytesMax = PathRule.SocketBytesMax });

    /// <summary>Empty: nowhere.</summary>
    public static readonly Key<ListenEndpoint[][]> Address =
        Kind.Key("address", "", new ListRule<ListenEndpoint[]>(new EndpointRule(ExamplePort), "address", AddressesMax) { MayBeEmpty = true });

    /// <summary>Empty: loopback.</summary>
    public static readonly Key<IPNetwork[]> Allow = Kind.Key("allow", "", NetworkRule.List);

    /// <summary>Empty: none.</summary>
    public static readonly Key<string> TokenFile = Kind.Key("token-file", "", new TextRule());
}
