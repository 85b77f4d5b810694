using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>[admin]</summary>
internal static class AdminKeys
{
    public static readonly SectionKind Kind = new("admin");

    public static readonly Key<string> Socket =
        Kind.Key("socket", "/run/fastsni/control.sock", new PathRule { BytesMax = PathRule.SocketBytesMax });

    public static readonly Key<string> Address = Kind.Key("address", "", new LaterRule(NotYet.AdminAddress));
    public static readonly Key<string> Allow = Kind.Key("allow", "", new LaterRule(NotYet.AdminAddress));
    public static readonly Key<string> TokenFile = Kind.Key("token-file", "", new LaterRule(NotYet.AdminAddress));
}
