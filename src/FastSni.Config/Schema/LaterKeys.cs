using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>[offload:NAME], whose keys are known so that a misspelt one is found, but which nothing reads yet.</summary>
internal static class OffloadKeys
{
    public static SectionKind Kind { get; } = Create();

    private static SectionKind Create()
    {
        SectionKind kind = new("offload") { Named = true, NotYet = NotYet.OffloadSection };
        kind.Later(null, "names", "backend");
        kind.Later("/", "path");
        kind.Later(null, "certificate", "certificate-key", "client-ca");
        kind.Later("off", "hsts");
        kind.Later(null, "header.NAME");
        kind.Later("on", "backend-verify");
        kind.Later(null, "backend-name");
        kind.Later("round-robin", "balance");
        kind.Later("off", "health-check");
        kind.Later("/", "health-path");
        kind.Later("60s", "response-timeout");
        kind.Later("0", "max-body");
        kind.Later("32k", "max-header-size");
        kind.Later("100", "max-streams");
        kind.Later("240", "min-body-rate");
        kind.Later(null, "listen");
        return kind;
    }
}

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

/// <summary>[bans]</summary>
internal static class BansKeys
{
    public static SectionKind Kind { get; } = Create();

    private static SectionKind Create()
    {
        SectionKind kind = new("bans") { NotYet = NotYet.Bans };
        kind.Later(null, "file", "never");
        return kind;
    }
}

file static class SectionKindExtensions
{
    /// <summary>Keys whose values are not looked at: the section as a whole is an error.</summary>
    public static void Later(this SectionKind kind, string? defaultText, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            kind.Key(name, defaultText, new TextRule());
    }
}
