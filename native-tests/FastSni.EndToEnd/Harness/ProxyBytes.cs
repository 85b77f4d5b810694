using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>PROXY headers as a load balancer sends them (proxy-protocol.txt 2.1 and 2.2).</summary>
internal static class ProxyBytes
{
    public const byte Local = 0x20, Proxy = 0x21;

    private static readonly byte[] Signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>Well-formed headers that name no TCP client, with what they are called in a test's name.</summary>
    public static IReadOnlyDictionary<string, byte[]> Nameless { get; } = new Dictionary<string, byte[]>
    {
        ["v1 UNKNOWN"] = "PROXY UNKNOWN\r\n"u8.ToArray(),
        ["v1 UNKNOWN with addresses"] = "PROXY UNKNOWN 192.0.2.66 198.51.100.3 4711 443\r\n"u8.ToArray(),
        ["v2 LOCAL"] = V2(Local, 0x00, []),
        ["v2 LOCAL with addresses"] = V2(Local, 0x11, [192, 0, 2, 66, 198, 51, 100, 3, 1, 2, 3, 4]),
        ["v2 PROXY of no family"] = V2(Proxy, 0x00, []),
        ["v2 UDP over IPv4"] = V2(Proxy, 0x12, [192, 0, 2, 66, 198, 51, 100, 3, 1, 2, 3, 4]),
        ["v2 UDP over IPv6"] = V2(Proxy, 0x22, new byte[36]),
        ["v2 unix stream"] = V2(Proxy, 0x31, new byte[216]),
        ["v2 unix datagram"] = V2(Proxy, 0x32, [.. Encoding.ASCII.GetBytes("/run/a").Concat(new byte[210])]),
    };

    /// <summary>Version 1 or 2, for a client that came to this place.</summary>
    public static byte[] Of(int version, IPEndPoint source, IPEndPoint destination) =>
        version == 1 ? V1(source, destination) : V2(source, destination);

    public static byte[] V1(IPEndPoint source, IPEndPoint destination)
    {
        string family = source.AddressFamily == AddressFamily.InterNetwork ? "TCP4" : "TCP6";
        return Encoding.ASCII.GetBytes($"PROXY {family} {source.Address} {destination.Address} {source.Port} {destination.Port}\r\n");
    }

    /// <param name="tlvs">As they lie in the header.</param>
    public static byte[] V2(IPEndPoint source, IPEndPoint destination, params byte[] tlvs)
    {
        byte[] ports = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(ports, (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(ports.AsSpan(2), (ushort)destination.Port);
        byte family = (byte)(source.AddressFamily == AddressFamily.InterNetwork ? 0x11 : 0x21);
        return V2(Proxy, family, [.. source.Address.GetAddressBytes(), .. destination.Address.GetAddressBytes(), .. ports, .. tlvs]);
    }

    public static byte[] V2(byte command, byte family, byte[] rest)
    {
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)rest.Length);
        return [.. Signature, command, family, .. length, .. rest];
    }

    /// <summary>A TLV that says nothing (PP2_TYPE_NOOP), for headers made to measure.</summary>
    public static byte[] Padding(int valueBytes)
    {
        byte[] tlv = new byte[3 + valueBytes];
        tlv[0] = 0x04;
        BinaryPrimitives.WriteUInt16BigEndian(tlv.AsSpan(1), (ushort)valueBytes);
        return tlv;
    }
}
