using System.Buffers.Binary;
using System.Numerics;

namespace FastSni.Wire;

/// <summary>
/// Writes and recognises PROXY protocol headers (HAProxy's doc/proxy-protocol.txt): how a backend learns whom it is talking to.
/// A header must leave in one send: HAProxy and nginx give up on one that arrives in two pieces.
/// </summary>
public static partial class ProxyHeader
{
    /// <summary>The longest version 1 line the protocol knows, CRLF included.</summary>
    public const int V1BytesMax = 107;

    /// <summary>The longest header written here: version 2, IPv6, every TLV at its largest.</summary>
    public const int BytesMax = V2HeadBytes + V6BlockBytes + ProxyTlvSet.BytesMax;

    private const int V2HeadBytes = 16;                 // Signature (12), version and command, family and protocol, length (2).
    private const int V4BlockBytes = 2 * (4 + 2);       // Two addresses, two ports.
    private const int V6BlockBytes = 2 * (16 + 2);
    private const byte V2Local = 0x20;
    private const byte V2Proxy = 0x21;

    private static ReadOnlySpan<byte> V1Signature => "PROXY "u8;
    private static ReadOnlySpan<byte> V2Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    private enum Family : byte { Unspecified = 0x00, Tcp4 = 0x11, Tcp6 = 0x21 }

    /// <summary>Whether <paramref name="bytes"/>, the first of a connection, begin with a signature or may come to.</summary>
    public static SignatureMatch MatchSignature(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(V1Signature) || bytes.StartsWith(V2Signature))
            return SignatureMatch.Whole;
        return V1Signature.StartsWith(bytes) || V2Signature.StartsWith(bytes) ? SignatureMatch.Partial : SignatureMatch.None;
    }

    /// <summary>
    /// Writes the text line of version 1. Addresses of both families at once are both written as IPv6, the IPv4 one as
    /// ::ffff:192.0.2.1: HAProxy and nginx read it, and nginx logs it as it stands. Without an address the line is `PROXY UNKNOWN`, in
    /// the short form, which is the only one HAProxy reads.
    /// </summary>
    /// <param name="target">At least <see cref="V1BytesMax"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    public static int WriteV1(Span<byte> target, IpEndpoint source, IpEndpoint destination)
    {
        var writer = new ByteWriter(target);
        writer.Write(V1Signature);
        Family family = FamilyOf(source, destination);
        if (family == Family.Unspecified)
        {
            writer.Write("UNKNOWN\r\n"u8);
            return writer.Written;
        }
        writer.Write(family == Family.Tcp4 ? "TCP4 "u8 : "TCP6 "u8);
        WriteText(ref writer, source, family);
        writer.WriteByte((byte)' ');
        WriteText(ref writer, destination, family);
        writer.WriteByte((byte)' ');
        writer.WriteDecimal(source.Port);
        writer.WriteByte((byte)' ');
        writer.WriteDecimal(destination.Port);
        writer.Write("\r\n"u8);
        return writer.Written;
    }

    /// <summary>
    /// Writes the binary header of version 2. Addresses of both families at once are both written as IPv6, the IPv4 one v4-mapped.
    /// Without an address the header is that of <see cref="WriteV2Local"/>: a PROXY command of unspecified family, the other way to say
    /// so, makes HAProxy 2.6 reset the connection.
    /// </summary>
    /// <param name="target">At least <see cref="BytesMax"/> bytes.</param>
    /// <param name="source">The client.</param>
    /// <param name="destination">Where the client has connected to.</param>
    /// <param name="tlvs">nginx before 1.23.3 reads no more than 107 bytes of header in all: only for backends known to take more.</param>
    /// <returns>The bytes written.</returns>
    public static int WriteV2(Span<byte> target, IpEndpoint source, IpEndpoint destination, in ProxyTlvSet tlvs)
    {
        Family family = FamilyOf(source, destination);
        if (family == Family.Unspecified)
            return WriteV2Local(target);
        int blockBytes = family == Family.Tcp4 ? V4BlockBytes : V6BlockBytes;
        var writer = new ByteWriter(target);
        WriteV2Head(ref writer, V2Proxy, family, blockBytes + tlvs.TotalBytes);
        WriteBinary(ref writer, source, family);
        WriteBinary(ref writer, destination, family);
        writer.WriteUInt16(source.Port);
        writer.WriteUInt16(destination.Port);
        tlvs.WriteTo(ref writer);
        if (tlvs.Crc32c)
            Seal(target[..writer.Written]);
        return writer.Written;
    }

    /// <summary>Writes a version 2 header that speaks for ourselves, as health checks do: the connection's own addresses hold.</summary>
    /// <param name="target">At least 16 bytes.</param>
    /// <returns>The bytes written.</returns>
    public static int WriteV2Local(Span<byte> target)
    {
        var writer = new ByteWriter(target);
        WriteV2Head(ref writer, V2Local, Family.Unspecified, 0);
        return writer.Written;
    }

    /// <summary>CRC-32C, Castagnoli (RFC 3720 B.4).</summary>
    internal static uint Crc32C(ReadOnlySpan<byte> bytes) => ~UpdateCrc32C(uint.MaxValue, bytes);

    private static uint UpdateCrc32C(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return crc;
    }

    private static Family FamilyOf(IpEndpoint source, IpEndpoint destination)
    {
        if (source.IsNone || destination.IsNone)
            return Family.Unspecified;
        return source.IsV4 && destination.IsV4 ? Family.Tcp4 : Family.Tcp6;
    }

    private static void WriteText(ref ByteWriter writer, IpEndpoint endpoint, Family family)
    {
        if (family == Family.Tcp6 && endpoint.IsV4)
            writer.Write("::ffff:"u8);
        endpoint.WriteAddress(ref writer);
    }

    private static void WriteV2Head(ref ByteWriter writer, byte command, Family family, int restBytes)
    {
        writer.Write(V2Signature);
        writer.WriteByte(command);
        writer.WriteByte((byte)family);
        writer.WriteUInt16(restBytes);
    }

    private static void WriteBinary(ref ByteWriter writer, IpEndpoint endpoint, Family family)
    {
        if (family == Family.Tcp4)
            endpoint.CopyAddress(writer.Take(4));
        else
            endpoint.CopyAsV6(writer.Take(16));
    }

    /// <summary>Fills in the checksum: over the whole header, with the four bytes of its own value zero. They are the last four.</summary>
    private static void Seal(Span<byte> header) => BinaryPrimitives.WriteUInt32BigEndian(header[^sizeof(uint)..], Crc32C(header));
}
