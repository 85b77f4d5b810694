using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FastSni.Wire;

/// <summary>One address or a prefix of addresses, as a value: what bans and lists of trusted peers are made of.</summary>
/// <param name="First">The lowest address; the port is 0.</param>
/// <param name="Bits">0 to 32 for IPv4, 0 to 128 for IPv6.</param>
public readonly record struct AddressPrefix(IpEndpoint First, int Bits)
{
    /// <summary>127.0.0.0/8 and ::1.</summary>
    public static ImmutableArray<AddressPrefix> Loopback { get; } =
        [new(IpEndpoint.Create([127, 0, 0, 0], 0), 8), Of(IpEndpoint.Create(IPAddress.IPv6Loopback, 0))];

    /// <summary>The address alone.</summary>
    public static AddressPrefix Of(IpEndpoint address) => new(address.WithPort(0), address.AddressBytes * 8);

    public static AddressPrefix Of(IPNetwork network) => new(IpEndpoint.Create(network.BaseAddress, 0), network.PrefixLength);

    /// <summary>True for every address of the same family that begins with the same bits. Does not allocate.</summary>
    public bool Contains(IpEndpoint address) => address.IsV4 == First.IsV4 && !address.IsNone && address.Masked(Bits) == First;

    /// <summary>True if the two share an address.</summary>
    public bool Overlaps(AddressPrefix other) => Contains(other.First) || other.Contains(First);

    /// <summary>Reads `192.0.2.1`, `10.0.0.0/8`, `2001:db8::7` or `2001:db8::/32`; bits behind the prefix must be zero.</summary>
    public static bool TryParse(string text, out AddressPrefix prefix)
    {
        prefix = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string address = slash < 0 ? text : text[..slash];
        // IPAddress takes `10.1`, `[::1]` and scopes for addresses too.
        if (address.AsSpan().ContainsAny("[]% ") || !IPAddress.TryParse(address, out IPAddress? parsed) || parsed.IsIPv4MappedToIPv6
            || (parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != address))
            return false;
        IpEndpoint first = IpEndpoint.Create(parsed, 0);
        int bits = first.AddressBytes * 8;
        if (slash >= 0 && !(int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int written) && written <= bits && (bits = written) >= 0))
            return false;
        prefix = new AddressPrefix(first, bits);
        return first.Masked(bits) == first;
    }

    /// <summary>As it is read; a whole address without its bits.</summary>
    public override string ToString()
    {
        string address = First.ToIPAddress().ToString();
        return Bits == First.AddressBytes * 8 ? address : $"{address}/{Bits.ToString(CultureInfo.InvariantCulture)}";
    }
}
