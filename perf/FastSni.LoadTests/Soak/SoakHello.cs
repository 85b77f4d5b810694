using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace FastSni.LoadTests.Soak;

/// <summary>The bytes a client begins with.</summary>
internal static class SoakHello
{
    /// <summary>Where a hello's random begins: behind the headers of record (5) and message (4) and the version (2).</summary>
    public const int TagOffset = 11;
    public const int RecordHeaderBytes = 5;

    private const int ServerName = 0, Padding = 21, SupportedVersions = 43;

    /// <summary>A ClientHello in one record (RFC 8446 4.1.2) that carries the tag as its random.</summary>
    public static byte[] For(string name, Guid tag, int paddingBytes)
    {
        byte[] extensions =
        [
            .. Extension(ServerName, Vector(2, [0, .. Vector(2, Encoding.ASCII.GetBytes(name))])),
            .. Extension(SupportedVersions, Vector(1, [0x03, 0x04])),
            .. Extension(Padding, new byte[paddingBytes]),
        ];
        byte[] body = [0x03, 0x03, .. tag.ToByteArray(), .. tag.ToByteArray(), 0, .. Vector(2, [0x13, 0x01]), .. Vector(1, [0]), .. Vector(2, extensions)];
        return [0x16, 0x03, 0x01, .. Vector(2, [1, .. Vector(3, body)])];
    }

    /// <summary>A PROXY v2 header: PROXY, TCP over IPv4.</summary>
    public static byte[] Proxy(IPEndPoint source, IPEndPoint destination) =>
    [
        .. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x11, 0, 12, .. source.Address.GetAddressBytes(), .. destination.Address.GetAddressBytes(),
        .. Port(source), .. Port(destination),
    ];

    private static byte[] Port(IPEndPoint endPoint) => [(byte)(endPoint.Port >> 8), (byte)endPoint.Port];

    private static byte[] Extension(int type, byte[] body) => [(byte)(type >> 8), (byte)type, .. Vector(2, body)];

    private static byte[] Vector(int lengthBytes, byte[] content)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        return [.. length[(4 - lengthBytes)..], .. content];
    }
}
