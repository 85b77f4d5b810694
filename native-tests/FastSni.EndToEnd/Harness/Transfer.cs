using System.Net.Sockets;

namespace FastSni.EndToEnd.Harness;

/// <summary>What came of a pattern's stream. <paramref name="FirstDifference"/> is −1 where every byte was right.</summary>
internal sealed record Received(long Bytes, long FirstDifference, Ending Ending)
{
    public void AssertWhole(long expectedBytes)
    {
        Assert.Equal(-1, FirstDifference);
        Assert.Equal(expectedBytes, Bytes);
        Assert.Equal(Ending.Fin, Ending);
    }
}

/// <summary>Moving much over a <see cref="SocketPeer"/> without keeping it.</summary>
internal static class Transfer
{
    public const int WriteBytesMax = 70_000;

    /// <summary>Sends the pattern's first bytes in writes of random sizes (1 to 70,000 bytes, or the one size given).</summary>
    public static async Task SendPatternAsync(this SocketPeer peer, Pattern pattern, long count, Random? sizes = null, int writeBytes = 65_536)
    {
        byte[] buffer = new byte[WriteBytesMax];
        long done = 0;
        while (done < count)
        {
            int size = (int)Math.Min(count - done, sizes?.Next(1, WriteBytesMax + 1) ?? writeBytes);
            pattern.Fill(done, buffer.AsSpan(0, size));
            await peer.SendAsync(buffer.AsMemory(0, size));
            done += size;
        }
    }

    /// <summary>Reads to the end, comparing each byte with the pattern.</summary>
    public static async Task<Received> ReceivePatternAsync(this SocketPeer peer, Pattern pattern)
    {
        byte[] buffer = new byte[262_144];
        long total = 0, firstDifference = -1;
        try
        {
            while (await peer.ReceiveAsync(buffer) is int count and > 0)
            {
                if (firstDifference < 0)
                    firstDifference = pattern.FirstDifference(total, buffer.AsSpan(0, count));
                total += count;
            }
            return new(total, firstDifference, Ending.Fin);
        }
        catch (SocketException)
        {
            return new(total, firstDifference, Ending.Reset);
        }
    }
}
