using System.Net;
using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>The keys that say where to forward to and how: of a passthrough section, and of a tcp listener.</summary>
internal sealed class BackendKeys(SectionKind kind)
{
    public static WordRule<Balance> BalanceRule { get; } = new(
        ("round-robin", Config.Balance.RoundRobin), ("least-connections", Config.Balance.LeastConnections), ("source", Config.Balance.Source));

    public static DurationRule HealthIntervalRule { get; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));

    public Key<ServerAddress[]> Backend { get; } =
        kind.Key("backend", null, new ListRule<ServerAddress>(new ServerRule(), "backend", ServerList.ServersMax));

    public Key<ProxyProtocol> ProxyProtocol { get; } = kind.Key("proxy-protocol", "off", new WordRule<ProxyProtocol>(
        ("off", Config.ProxyProtocol.Off), ("v1", Config.ProxyProtocol.V1), ("v2", Config.ProxyProtocol.V2)));

    public Key<ProxyTlvs[]> ProxyTlv { get; } = kind.Key("proxy-tlv", "none", new ListRule<ProxyTlvs>(new WordRule<ProxyTlvs>(
        ("none", ProxyTlvs.None), ("authority", ProxyTlvs.Authority), ("alpn", ProxyTlvs.Alpn), ("unique-id", ProxyTlvs.UniqueId),
        ("crc32c", ProxyTlvs.Crc32c)), "value", max: 8));

    public Key<Balance> Balance { get; } = kind.Key("balance", "round-robin", BalanceRule);

    public Key<HealthCheckKind?> HealthCheck { get; } = kind.Key("health-check", "off", new WordRule<HealthCheckKind?>(
        ("off", null), ("tcp", HealthCheckKind.Tcp), ("tls", HealthCheckKind.Tls)));

    public Key<TimeSpan> HealthInterval { get; } = kind.Key("health-interval", "5s", HealthIntervalRule);

    public Key<string> HealthName { get; } = kind.Key("health-name", null, new HostNameRule());

    public Key<IPAddress?> SourceAddress { get; } = kind.Key("source-address", "auto", new SourceAddressRule());

    public IEnumerable<Key> All =>
        [Backend, ProxyProtocol, ProxyTlv, Balance, HealthCheck, HealthInterval, HealthName, SourceAddress];
}
