using System.Net;
using System.Net.Sockets;
using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>The backend keys of one section, and what must hold between them.</summary>
internal sealed class BackendReader(Findings findings)
{
    public BackendOptions Read(IniSection section, BackendKeys keys)
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
        };
        CheckServers(section, keys, options);
        CheckTlvs(section, keys, options);
        return options;
    }

    private void CheckServers(IniSection section, BackendKeys keys, BackendOptions options)
    {
        HashSet<(ServerKind, string, int?)> seen = [];
        foreach (ServerAddress server in options.Servers)
        {
            if (!seen.Add((server.Kind, server.Host, server.Port)))
                findings.Error(section, keys.Backend, $"{Quote.Of(server.Text)} is in the list twice: keep one of them");
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
