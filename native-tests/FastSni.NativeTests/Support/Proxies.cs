using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace FastSni.NativeTests.Support;

/// <summary>PROXY headers as the specification has them, written independently of the code under test.</summary>
internal static class Proxies
{
    internal static string V1(Socket client) => V1((IPEndPoint)client.LocalEndPoint!, (IPEndPoint)client.RemoteEndPoint!);

    internal static byte[] V2(Socket client) => V2((IPEndPoint)client.LocalEndPoint!, (IPEndPoint)client.RemoteEndPoint!);

    /// <summary>Both of one family.</summary>
    internal static string V1(IPEndPoint source, IPEndPoint destination)
    {
        string family = source.AddressFamily == AddressFamily.InterNetwork ? "TCP4" : "TCP6";
        return $"PROXY {family} {source.Address} {destination.Address} {source.Port} {destination.Port}\r\n";
    }

    /// <summary>Both of one family.</summary>
    internal static byte[] V2(IPEndPoint source, IPEndPoint destination, params byte[] tlvs)
    {
        bool isV4 = source.AddressFamily == AddressFamily.InterNetwork;
        byte[] addresses = [.. source.Address.GetAddressBytes(), .. destination.Address.GetAddressBytes()];
        return V2(0x21, (byte)(isV4 ? 0x11 : 0x21), [.. addresses, .. Port(source.Port), .. Port(destination.Port), .. tlvs]);
    }

    internal static byte[] V2(byte command, byte family, params byte[] rest) => [.. "\r\n\r\n\0\r\nQUIT\n"u8, command, family, .. Port(rest.Length), .. rest];

    /// <summary>A TLV of no meaning (PP2_TYPE_NOOP), so many bytes long in all.</summary>
    internal static byte[] Padding(int bytes) => [0x04, .. Port(bytes - 3), .. new byte[bytes - 3]];

    private static byte[] Port(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        return bytes;
    }
}
