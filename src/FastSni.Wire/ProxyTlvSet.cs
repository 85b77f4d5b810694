namespace FastSni.Wire;

/// <summary>The TLVs that a version 2 PROXY header is to carry (proxy-protocol.txt 2.2); <c>default</c> carries none.</summary>
public readonly ref struct ProxyTlvSet
{
    public const int AuthorityBytesMax = 255;
    public const int AlpnBytesMax = 255;
    public const int UniqueIdBytesMax = 128;

    /// <summary>Bytes of all TLVs at their largest.</summary>
    internal const int BytesMax = HeadBytes + AlpnBytesMax + HeadBytes + AuthorityBytesMax + HeadBytes + UniqueIdBytesMax + Crc32cBytes;

    private const int HeadBytes = 3;                    // type, length (2)
    private const int Crc32cBytes = HeadBytes + sizeof(uint);

    private enum TlvType : byte { Alpn = 0x01, Authority = 0x02, Crc32c = 0x03, UniqueId = 0x05 }

    /// <summary>The server name as the client sent it, at most 255 bytes; empty = leave out.</summary>
    public ReadOnlySpan<byte> Authority { get; init; }

    /// <summary>One protocol name, at most 255 bytes; empty = leave out.</summary>
    public ReadOnlySpan<byte> Alpn { get; init; }

    /// <summary>Opaque, at most 128 bytes; empty = leave out.</summary>
    public ReadOnlySpan<byte> UniqueId { get; init; }

    /// <summary>Whether a checksum over the whole header is added.</summary>
    public bool Crc32c { get; init; }

    /// <summary>What <see cref="WriteTo"/> is going to write.</summary>
    internal int TotalBytes => BytesOf(Alpn) + BytesOf(Authority) + BytesOf(UniqueId) + (Crc32c ? Crc32cBytes : 0);

    /// <summary>Writes the TLVs; a checksum comes last, its value still zero as its computation demands.</summary>
    internal void WriteTo(ref ByteWriter writer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Alpn.Length, AlpnBytesMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Authority.Length, AuthorityBytesMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(UniqueId.Length, UniqueIdBytesMax);
        Write(ref writer, TlvType.Alpn, Alpn);
        Write(ref writer, TlvType.Authority, Authority);
        Write(ref writer, TlvType.UniqueId, UniqueId);
        if (Crc32c)
            Write(ref writer, TlvType.Crc32c, [0, 0, 0, 0]);
    }

    private static int BytesOf(ReadOnlySpan<byte> value) => value.IsEmpty ? 0 : HeadBytes + value.Length;

    private static void Write(ref ByteWriter writer, TlvType type, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return;
        writer.WriteByte((byte)type);
        writer.WriteUInt16(value.Length);
        writer.Write(value);
    }
}
