using System.Net;
using System.Net.Sockets;
using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>The backend keys of one section, and what must hold between them.</summary>
internal sealed class BackendReader(Findings findings)
{
    /// <param name="firstName">What a tls check asks for without `health-name`; null = the server's own host.</param>
    public BackendOptions Read(IniSection section, BackendKeys keys, string? firstName)
    {
        if (!section.Has(keys.Backend))
            findings.Error(section, keys.Backend, "missing: write where to forward to, such as backend = 192.168.99.11:443");
        BackendOptions options = new()
        {
            Servers = [.. section.Get(keys.Backend) ?? []],
            ProxyProtocol = section.Get(keys.ProxyProtocol),
            ProxyTlvs = (section.Get(keys.ProxyTlv) ?? []).Aggregate(ProxyTlvs.None, (all, one) => all | one),
            Balance = section.Get(keys.Balance),
            SourceAddress = section.Get(keys.SourceAddress),
            HealthCheck = section.Get(keys.HealthCheck) is { } kind
                ? new HealthCheckOptions(kind, section.Get(keys.HealthInterval), section.Get(keys.HealthName) ?? firstName, "/")
                : null,
        };
        CheckTwice(section, keys.Backend, options);
        CheckSource(section, keys, options);
        CheckPorts(section, keys, options);
        CheckTlvs(section, keys, options);
        return options;
    }

    public void CheckTwice(IniSection section, Key key, ServerList list)
    {
        HashSet<(ServerKind, string, int?)> seen = [];
        foreach (ServerAddress server in list.Servers.Where(server => !seen.Add((server.Kind, server.Host, server.Port))))
            findings.Error(section, key, $"{Quote.Of(server.Text)} is in the list twice: keep one of them");
    }

    /// <summary>True where a server can be connected to without a client, whose port it would take.</summary>
    public static bool HasPort(ServerAddress server) => server.Kind == ServerKind.Unix || server.Port is not null;

    private void CheckPorts(IniSection section, BackendKeys keys, BackendOptions options)
    {
        if (options.HealthCheck is not null && options.Servers.FirstOrDefault(server => !HasPort(server)) is { } server)
            findings.Error(section, keys.HealthCheck, $"{server.Text} has no port that a check could ask: write it, such as {server.Text}:443");
    }

    private void CheckSource(IniSection section, BackendKeys keys, BackendOptions options)
    {
        foreach (ServerAddress server in options.Servers)
        {
            if (server.Kind == ServerKind.Ip && options.SourceAddress is { } source && !IsSameFamily(source, server.Host))
            {
                findings.Error(section, keys.SourceAddress,
                    $"from {source} no connection leads to {server.Text}: write an address of the same family, or auto");
            }
        }
    }

    private void CheckTlvs(IniSection section, BackendKeys keys, BackendOptions options)
    {
        if (options.ProxyTlvs == ProxyTlvs.None)
            return;
        if (options.ProxyProtocol != ProxyProtocol.V2)
            findings.Error(section, keys.ProxyTlv, "only version 2 of the PROXY header carries these: write proxy-protocol = v2, or remove this key");
        if (section.Kind == ListenKeys.Kind && (options.ProxyTlvs & (ProxyTlvs.Authority | ProxyTlvs.Alpn)) != 0)
        {
            findings.Error(section, keys.ProxyTlv,
                "a tcp listener reads no TLS and so knows neither authority nor alpn: unique-id and crc32c are possible here");
        }
    }

    private static bool IsSameFamily(IPAddress source, string address) =>
        source.AddressFamily == AddressFamily.InterNetworkV6 == address.Contains(':', StringComparison.Ordinal);
}
