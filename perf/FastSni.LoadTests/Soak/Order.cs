using System.Buffers.Binary;

namespace FastSni.LoadTests.Soak;

/// <summary>What a client wants of the stream backend.</summary>
internal enum Errand : byte
{
    /// <summary>Everything comes back; the end too.</summary>
    Echo,
    /// <summary>So many bytes of the tag's pattern, then the end.</summary>
    Download,
    /// <summary>So many bytes of the pattern and the end (half-close); a receipt comes back.</summary>
    Upload,
}

/// <summary>The first bytes behind the hello.</summary>
internal readonly record struct Order(Guid Tag, Errand Errand, long Bytes)
{
    public const int WireBytes = 32;

    public byte[] ToBytes()
    {
        byte[] wire = new byte[WireBytes];
        Tag.TryWriteBytes(wire);
        wire[16] = (byte)Errand;
        BinaryPrimitives.WriteInt64BigEndian(wire.AsSpan(24), Bytes);
        return wire;
    }

    public static Order Read(ReadOnlySpan<byte> wire) => new(new(wire[..16]), (Errand)wire[16], BinaryPrimitives.ReadInt64BigEndian(wire[24..]));
}
