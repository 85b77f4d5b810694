using System.Buffers.Binary;

namespace FastSni.LoadTests.Soak;

/// <summary>The endless bytes of one tag. Two tags share no run of bytes worth the name, so a foreign byte is seen at once.</summary>
internal readonly struct Pattern(Guid tag)
{
    private readonly ulong _seed = BinaryPrimitives.ReadUInt64LittleEndian(tag.ToByteArray()) ^ BinaryPrimitives.ReadUInt64LittleEndian(tag.ToByteArray().AsSpan(8));

    public void Fill(long offset, Span<byte> target)
    {
        Span<byte> word = stackalloc byte[8];
        while (target.Length > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, WordAt(offset / 8));
            int count = Math.Min(8 - (int)(offset % 8), target.Length);
            word.Slice((int)(offset % 8), count).CopyTo(target);
            target = target[count..];
            offset += count;
        }
    }

    public bool Matches(long offset, ReadOnlySpan<byte> bytes)
    {
        byte[] own = new byte[bytes.Length];
        Fill(offset, own);
        return bytes.SequenceEqual(own);
    }

    // SplitMix64.
    private ulong WordAt(long index)
    {
        ulong word = _seed + ((ulong)(index + 1) * 0x9E3779B97F4A7C15);
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9;
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
        return word ^ (word >> 31);
    }
}
