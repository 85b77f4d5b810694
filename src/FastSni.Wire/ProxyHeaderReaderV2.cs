using System.Buffers.Binary;

namespace FastSni.Wire;

public static partial class ProxyHeader
{
    private const int UnixBlockBytes = 2 * 108;
    private const int Undefined = -1;
    private const int Crc32cTlv = 0x03;

    private static ProxyHeaderStatus ReadV2(ReadOnlySpan<byte> bytes, out ReceivedProxyHeader header, out int needBytes)
    {
        header = default;
        needBytes = V2HeadBytes;
        var reader = new ByteReader(bytes);
        if (!reader.TrySkip(V2Signature.Length) || !reader.TryReadUInt(1, out int command) || !reader.TryReadUInt(1, out int family)
            || !reader.TryReadUInt(2, out int restBytes))
            return ProxyHeaderStatus.Incomplete;
        if (command is not (V2Local or V2Proxy))
            return ProxyHeaderStatus.Malformed;
        int blockBytes = command == V2Local ? 0 : BlockBytes(family);
        if (blockBytes == Undefined || blockBytes > restBytes)
            return ProxyHeaderStatus.Malformed;
        needBytes = V2HeadBytes + restBytes;
        if (!reader.TryReadBytes(restBytes, out ReadOnlySpan<byte> rest))
            return ProxyHeaderStatus.Incomplete;

        ReadOnlySpan<byte> tlvs = rest[blockBytes..];
        if (!TryFindChecksum(tlvs, out int behindChecksum))
        {
            // LOCAL and the unspecified family say nothing of what follows: it need not be TLVs, and is to be ignored.
            if (blockBytes > 0)
                return ProxyHeaderStatus.Malformed;
            tlvs = default;
        }
        ReadOnlySpan<byte> whole = bytes[..needBytes];
        if (behindChecksum > 0 && !IsSealed(whole[..^behindChecksum], whole[^behindChecksum..]))
            return ProxyHeaderStatus.Malformed;

        (IpEndpoint source, IpEndpoint destination) = ReadBlock(rest[..blockBytes], (Family)family);
        header = new ReceivedProxyHeader
        {
            Bytes = needBytes,
            IsLocal = command == V2Local,
            Source = source,
            Destination = destination,
            Tlvs = tlvs,
        };
        return ProxyHeaderStatus.Complete;
    }

    /// <summary>
    /// What the addresses take: of internet (1), internet version 6 (2) or unix (3) in the upper half of the byte; the lower says
    /// unspecified (0), stream (1) or datagram (2). Everything else is to be refused (proxy-protocol.txt 2.2).
    /// </summary>
    private static int BlockBytes(int family) => (family & 0xF) > 2 ? Undefined : (family >> 4) switch
    {
        0 => 0,
        1 => V4BlockBytes,
        2 => V6BlockBytes,
        3 => UnixBlockBytes,
        _ => Undefined,
    };

    /// <summary>The endpoints, none where they are not those of a TCP connection.</summary>
    private static (IpEndpoint Source, IpEndpoint Destination) ReadBlock(ReadOnlySpan<byte> block, Family family)
    {
        int addressBytes = family switch { Family.Tcp4 => 4, Family.Tcp6 => 16, _ => 0 };
        var reader = new ByteReader(block);
        if (addressBytes == 0
            || !reader.TryReadBytes(addressBytes, out ReadOnlySpan<byte> source) || !reader.TryReadBytes(addressBytes, out ReadOnlySpan<byte> destination)
            || !reader.TryReadUInt(2, out int sourcePort) || !reader.TryReadUInt(2, out int destinationPort))
            return default;
        return (IpEndpoint.Create(source, (ushort)sourcePort), IpEndpoint.Create(destination, (ushort)destinationPort));
    }

    /// <summary>Walks the TLVs. False: one is not whole, or there is more than one checksum, whose proof would then take quadratic time.</summary>
    /// <param name="bytesBehind">From the checksum's value, itself included, to the end; 0 without a checksum.</param>
    private static bool TryFindChecksum(ReadOnlySpan<byte> tlvs, out int bytesBehind)
    {
        bytesBehind = 0;
        int found = 0;
        var reader = new ByteReader(tlvs);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadUInt(1, out int type) || !reader.TryReadVector(2, out ReadOnlySpan<byte> value))
                return false;
            if (type != Crc32cTlv)
                continue;
            if (found > 0 || value.Length != sizeof(uint))
                return false;
            found = reader.Remaining + value.Length;
        }
        bytesBehind = found;
        return true;
    }

    /// <summary>Whether the checksum that <paramref name="rest"/> begins with is that of the header with zeroes in its place.</summary>
    private static bool IsSealed(ReadOnlySpan<byte> before, ReadOnlySpan<byte> rest)
    {
        uint crc = UpdateCrc32C(uint.MaxValue, before);
        crc = UpdateCrc32C(crc, [0, 0, 0, 0]);
        crc = UpdateCrc32C(crc, rest[sizeof(uint)..]);
        return ~crc == BinaryPrimitives.ReadUInt32BigEndian(rest);
    }
}
