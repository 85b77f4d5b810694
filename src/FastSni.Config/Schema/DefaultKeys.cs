using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>[default]</summary>
internal static class DefaultKeys
{
    public static readonly SectionKind Kind = new("default");

    public static readonly ActionKeys Actions = new(Kind, hasDefaults: true);

    /// <summary>Empty: none.</summary>
    public static readonly Key<string> Certificate = Kind.Key("certificate", "", new TextRule { Later = ("auto", NotYet.AutoCertificate) });

    /// <summary>Empty: none.</summary>
    public static readonly Key<string> CertificateKey = Kind.Key("certificate-key", "", new TextRule());

    public static readonly Key<int> Status = Kind.Key("status", "404", new NumberRule(400, 599));
}
