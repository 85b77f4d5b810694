using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>`auto` (null), or an address of this machine.</summary>
internal sealed class SourceAddressRule : Rule<IPAddress?>
{
    public override bool TryRead(string text, List<string> problems, out IPAddress? value)
    {
        value = null;
        if (text.Equals("auto", StringComparison.OrdinalIgnoreCase))
            return true;
        if (text.Equals("client", StringComparison.OrdinalIgnoreCase))
            return Fail(problems, NotYet.TransparentSource);
        if (!Addresses.TryParse(text, out IPAddress address) || Addresses.IsNoHost(address))
            return Fail(problems, $"{Quote.Of(text)} is not an address of this machine: write auto, 192.0.2.1 or 2001:db8::1");
        value = address;
        return true;
    }
}

/// <summary>An address, or a prefix such as `10.0.0.0/8`.</summary>
internal sealed class NetworkRule : Rule<IPNetwork>
{
    private const int NetworksMax = 1024;

    /// <summary>May be empty: `trusted-proxies` then trusts nobody.</summary>
    public static ListRule<IPNetwork> List { get; } = new(new NetworkRule(), "address or prefix", NetworksMax) { MayBeEmpty = true };

    public override bool TryRead(string text, List<string> problems, out IPNetwork value)
    {
        value = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!Addresses.TryParse(slash < 0 ? text : text[..slash], out IPAddress address))
            return Fail(problems, $"{Quote.Of(text)} is no address and no prefix: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32");

        int bitsMax = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        int bits = bitsMax;
        if (slash >= 0 && !(int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out bits) && bits <= bitsMax))
            return Fail(problems, $"{Quote.Of(text)}: behind the / stands a number of bits, 0 to {bitsMax}");
        IPAddress first = FirstOf(address, bits);
        if (!first.Equals(address))
            return Fail(problems, $"{Quote.Of(text)} has bits set behind the prefix: write {first}/{bits}, or the address alone");
        value = new IPNetwork(address, bits);
        return true;
    }

    private static IPAddress FirstOf(IPAddress address, int bits)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] &= (byte)(0xFF00 >> Math.Clamp(bits - (8 * i), 0, 8));
        return new IPAddress(bytes);
    }
}
