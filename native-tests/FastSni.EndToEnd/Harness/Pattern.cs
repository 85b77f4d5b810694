using System.Buffers.Binary;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// An endless stream of bytes that looks random and can be computed at any place (SplitMix64): what arrives is compared byte for byte without being
/// kept,
/// and a byte of another stream is seen at once.
/// </summary>
internal sealed class Pattern(ulong seed)
{
    public void Fill(long position, Span<byte> target)
    {
        Span<byte> word = stackalloc byte[8];
        int done = 0;
        while (done < target.Length)
        {
            long at = position + done;
            BinaryPrimitives.WriteUInt64LittleEndian(word, Word((ulong)at / 8));
            int offset = (int)(at % 8);
            int count = Math.Min(8 - offset, target.Length - done);
            word.Slice(offset, count).CopyTo(target[done..]);
            done += count;
        }
    }

    public byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        Fill(0, bytes);
        return bytes;
    }

    /// <summary>The stream position of the first byte that is not this pattern's, or −1.</summary>
    public long FirstDifference(long position, ReadOnlySpan<byte> received)
    {
        byte[] expected = new byte[received.Length];
        Fill(position, expected);
        int common = received.CommonPrefixLength(expected);
        return common == received.Length ? -1 : position + common;
    }

    private ulong Word(ulong index)
    {
        ulong z = unchecked(seed + ((index + 1) * 0x9E3779B97F4A7C15));
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }
}
