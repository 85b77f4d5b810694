namespace FastSni.LoadTests.Soak;

/// <summary>Moving patterns over a stream.</summary>
internal static class StreamTransfer
{
    private const int WriteBytesMax = 70_000;

    /// <summary>In writes of random sizes.</summary>
    public static async Task SendPatternAsync(this Stream stream, Guid tag, long bytes, CancellationToken cancel = default)
    {
        Pattern pattern = new(tag);
        byte[] buffer = new byte[(int)Math.Min(bytes, WriteBytesMax)];
        for (long done = 0; done < bytes;)
        {
            int size = (int)Math.Min(bytes - done, Random.Shared.Next(1, WriteBytesMax + 1));
            pattern.Fill(done, buffer.AsSpan(0, size));
            await stream.WriteAsync(buffer.AsMemory(0, size), cancel);
            done += size;
        }
    }

    /// <summary>Takes exactly so many bytes; throws where one is wrong or missing.</summary>
    public static async Task ExpectPatternAsync(this Stream stream, Guid tag, long offset, long bytes, CancellationToken cancel)
    {
        Pattern pattern = new(tag);
        byte[] buffer = new byte[(int)Math.Min(bytes, WriteBytesMax)];
        for (long done = 0; done < bytes;)
        {
            int count = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes - done)), cancel);
            if (count == 0)
                throw new EndOfStreamException($"an end in order behind {done} of {bytes} bytes");
            if (!pattern.Matches(offset + done, buffer.AsSpan(0, count)))
                throw new WrongBytesException($"wrong bytes behind {offset + done}");
            done += count;
        }
    }

    public static async Task ExpectEndAsync(this Stream stream, CancellationToken cancel)
    {
        if (await stream.ReadAsync(new byte[1], cancel) > 0)
            throw new WrongBytesException("bytes behind the last one");
    }
}

/// <summary>Never our doing, whatever we did to the gateway.</summary>
internal sealed class WrongBytesException(string message) : Exception(message);
