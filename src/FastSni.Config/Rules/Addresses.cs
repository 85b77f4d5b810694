using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FastSni.Config.Rules;

/// <summary>Addresses and ports, read strictly: IPAddress.Parse takes `10.1`, `0x7f.1` and `010.0.0.1` for addresses too.</summary>
internal static class Addresses
{
    public const int PortMax = 65_535;

    public static bool TryParse(string text, out IPAddress address)
    {
        address = IPAddress.None;
        if (text.AsSpan().ContainsAny("[]%/ ") || !IPAddress.TryParse(text, out IPAddress? parsed))
            return false;
        // A v4-mapped address would be a second spelling of an IPv4 one, which no comparison expects.
        if (parsed.IsIPv4MappedToIPv6 || (parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != text))
            return false;
        address = parsed;
        return true;
    }

    /// <summary>An address as it stands before a port: IPv6 in brackets.</summary>
    public static bool TryParseHost(string text, out IPAddress address)
    {
        bool isV6 = text.StartsWith('[') && text.EndsWith(']');
        return TryParse(isV6 ? text[1..^1] : text, out address) && isV6 == (address.AddressFamily == AddressFamily.InterNetworkV6);
    }

    public static bool TryParsePort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= PortMax;

    /// <summary>True for what no socket can connect to: 0.0.0.0, [::], multicast, broadcast.</summary>
    public static bool IsNoHost(IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.Broadcast)
        || address.IsIPv6Multicast || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is >= 224 and <= 239);

    /// <summary>`192.0.2.1` or `[2001:db8::1]`, as an address is written beside a port.</summary>
    public static string Bracketed(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : $"{address}";
}
