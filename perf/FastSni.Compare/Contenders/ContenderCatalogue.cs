namespace FastSni.Compare.Contenders;

internal static class ContenderCatalogue
{
    public const string Direct = "direct", Limit = "limit", Nginx = "nginx", Haproxy = "haproxy", Caddy = "caddy", FastSni = "fastsni";

    private const string LimitLazyAck = "limit-lazy-ack", LimitCopy = "limit-copy", LimitSplice = "limit-splice";
    private const string HaproxySpliceAuto = "haproxy-splice", HaproxySpliceForced = "haproxy-splice-1m", Sniproxy = "sniproxy";

    /// <summary>Other people's programs that do FastSni's work.</summary>
    public static IReadOnlyList<string> Peers { get; } = [Nginx, Haproxy, HaproxySpliceAuto, HaproxySpliceForced, Sniproxy, Caddy];

    public static IReadOnlyList<string> Names { get; } = [Direct, Limit, LimitLazyAck, LimitCopy, LimitSplice, .. Peers, FastSni];

    public static IReadOnlyList<string> DefaultNames { get; } = [Direct, Limit, Nginx, Haproxy, HaproxySpliceAuto, Sniproxy, Caddy, FastSni];

    public static Contender Create(string name, string limitPath, string? fastSniPath) => name switch
    {
        Direct => new DirectContender(name),
        Limit => new LimitContender(name, limitPath, []),
        LimitLazyAck => new LimitContender(name, limitPath, ["--lazy-ack"]),
        LimitCopy => new LimitContender(name, limitPath, ["--copy"]),
        LimitSplice => new LimitContender(name, limitPath, ["--splice"]),
        Nginx => new NginxContender(name),
        Haproxy => new HaproxyContender(name, HaproxySplice.Off),
        HaproxySpliceAuto => new HaproxyContender(name, HaproxySplice.Auto),
        HaproxySpliceForced => new HaproxyContender(name, HaproxySplice.ForcedWithBigPipes),
        Sniproxy => new SniproxyContender(name),
        Caddy => new CaddyContender(name),
        FastSni => new FastSniContender(name, fastSniPath),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such contender"),
    };
}
