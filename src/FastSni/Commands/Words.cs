using FastSni.Config;

namespace FastSni.Commands;

/// <summary>Values as the configuration file spells them.</summary>
internal static class Words
{
    internal static string Of(Balance balance) => balance switch
    {
        Balance.LeastConnections => "least-connections",
        Balance.Source => "source",
        _ => "round-robin",
    };

    internal static string Of(HttpScheme scheme) => scheme switch
    {
        HttpScheme.Https => "https://",
        HttpScheme.H2c => "h2c://",
        _ => "http://",
    };

    internal static string Of(ProxyProtocol version, ProxyTlvs tlvs)
    {
        if (version == ProxyProtocol.Off)
            return "off";
        List<string> names = [];
        Add(ProxyTlvs.Authority, "authority");
        Add(ProxyTlvs.Alpn, "alpn");
        Add(ProxyTlvs.UniqueId, "unique-id");
        Add(ProxyTlvs.Crc32c, "crc32c");
        string word = version == ProxyProtocol.V1 ? "v1" : "v2";
        return names.Count > 0 ? $"{word} with {string.Join(", ", names)}" : word;

        void Add(ProxyTlvs tlv, string name)
        {
            if ((tlvs & tlv) != 0)
                names.Add(name);
        }
    }
}
