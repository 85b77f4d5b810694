using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace FastSni.NativeTests.Support;

/// <summary>PROXY headers as the specification has them, written independently of the code under test.</summary>
internal static class Proxies
{
    internal static string V1(Socket client)
    {
        var (source, destination) = ((IPEndPoint)client.LocalEndPoint!, (IPEndPoint)client.RemoteEndPoint!);
        string family = source.AddressFamily == AddressFamily.InterNetwork ? "TCP4" : "TCP6";
        return $"PROXY {family} {source.Address} {destination.Address} {source.Port} {destination.Port}\r\n";
    }

    internal static byte[] V2(Socket client)
    {
        var (source, destination) = ((IPEndPoint)client.LocalEndPoint!, (IPEndPoint)client.RemoteEndPoint!);
        bool isV4 = source.AddressFamily == AddressFamily.InterNetwork;
        byte[] addresses = [.. source.Address.GetAddressBytes(), .. destination.Address.GetAddressBytes()];
        byte[] block = [.. addresses, .. Port(source.Port), .. Port(destination.Port)];
        return [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, (byte)(isV4 ? 0x11 : 0x21), .. Port(block.Length), .. block];
    }

    private static byte[] Port(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        return bytes;
    }
}
