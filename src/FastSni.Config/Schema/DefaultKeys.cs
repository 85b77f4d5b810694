using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>[default]</summary>
internal static class DefaultKeys
{
    public static readonly SectionKind Kind = new("default");

    public static readonly ActionKeys Actions = new(Kind, hasDefaults: true);

    public static readonly Key<string> Certificate = Kind.Key("certificate", "", new LaterRule(NotYet.OffloadPage));
    public static readonly Key<string> CertificateKey = Kind.Key("certificate-key", "", new LaterRule(NotYet.OffloadPage));
    public static readonly Key<string> Status = Kind.Key("status", "404", new LaterRule(NotYet.OffloadPage));
}
