using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>[offload:NAME]</summary>
internal static class OffloadKeys
{
    private const string NoFile = "no file given: write the path of a PEM file, or remove the key";
    private const long BodyBytesMax = 1L << 40;

    public static readonly SectionKind Kind = new("offload") { Named = true };

    public static readonly Key<string[]> Names = Kind.Key("names", null, NamePatternRule.List);

    public static readonly Key<UrlServer[]> Backend = Kind.Key("backend", null, new ListRule<UrlServer>(new UrlRule(), "backend", ServerList.ServersMax));

    public static readonly Key<string> Path = Kind.Key("path", "/", new SitePathRule());

    public static readonly Key<string> Certificate =
        Kind.Key("certificate", null, new TextRule { IfEmpty = NoFile, Later = ("auto", NotYet.AutoCertificate) });

    public static readonly Key<string> CertificateKey = Kind.Key("certificate-key", null, new TextRule { IfEmpty = NoFile });

    public static readonly Key<string> ClientCa = Kind.Key("client-ca", null, new TextRule { IfEmpty = NoFile });

    public static readonly Key<TimeSpan?> Hsts = Kind.Key("hsts", "off", new OffDurationRule(TimeSpan.Zero, TimeSpan.FromDays(3650)));

    /// <summary>A family of keys: the name behind the dot is checked where the section is read.</summary>
    public static readonly Key<string> Header = Kind.Key("header.NAME", null, new HeaderValueRule());

    public static readonly Key<BackendVerification> BackendVerify = Kind.Key("backend-verify", "on", new VerificationRule());

    public static readonly Key<string> BackendName = Kind.Key("backend-name", null, new HostNameRule());

    public static readonly Key<Balance> Balance = Kind.Key("balance", "round-robin", BackendKeys.BalanceRule);

    public static readonly Key<HealthCheckKind?> HealthCheck = Kind.Key("health-check", "off", new WordRule<HealthCheckKind?>(
        ("off", null), ("tcp", HealthCheckKind.Tcp), ("tls", HealthCheckKind.Tls), ("http", HealthCheckKind.Http)));

    public static readonly Key<TimeSpan> HealthInterval = Kind.Key("health-interval", "5s", BackendKeys.HealthIntervalRule);

    public static readonly Key<string> HealthName = Kind.Key("health-name", null, new HostNameRule());

    public static readonly Key<string> HealthPath = Kind.Key("health-path", "/", new RequestPathRule());

    public static readonly Key<TimeSpan> ResponseTimeout =
        Kind.Key("response-timeout", "60s", new DurationRule(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)));

    public static readonly Key<long> MaxBody = Kind.Key("max-body", "0", new SizeRule(0, BodyBytesMax));

    public static readonly Key<long> MaxHeaderSize = Kind.Key("max-header-size", "32k", new SizeRule(4 << 10, 1 << 20));

    public static readonly Key<int> MaxStreams = Kind.Key("max-streams", "100", new NumberRule(1, 10_000));

    public static readonly Key<int> MinBodyRate = Kind.Key("min-body-rate", "240", new NumberRule(0, 1_000_000));

    /// <summary>Left out: every tls and every http listener.</summary>
    public static readonly Key<string[]> Listen = Kind.Key("listen", null, SectionNameRule.List);
}
