using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>[acme]</summary>
internal static class AcmeKeys
{
    public static SectionKind Kind { get; } = Create();

    private static SectionKind Create()
    {
        SectionKind kind = new("acme") { NotYet = NotYet.Acme };
        kind.Later("", "email");
        kind.Key("agree-terms", "off", SwitchRule.Create());
        kind.Later("https://acme-v02.api.letsencrypt.org/directory", "directory");
        kind.Later("", "ca-file");
        kind.Later("http-01", "challenge");
        kind.Later("127.0.0.1:8444", "tls-address");
        kind.Later("", "dns-provider", "dns-environment-file");
        return kind;
    }
}

file static class SectionKindExtensions
{
    /// <summary>Keys whose values are not looked at: the section as a whole is an error.</summary>
    public static void Later(this SectionKind kind, string defaultText, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            kind.Key(name, defaultText, new TextRule());
    }
}
