using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;

namespace FastSni.Http;

/// <summary>Sends a request's body to the server as it comes, with the framing that its head has announced.</summary>
internal static class RequestBody
{
    private const int PieceBytesMax = 16 * 1024;
    private const int ChunkFrameBytes = 8 + 2 + 2;   // Size, and two line ends.

    /// <summary>Puts what has come already behind the head. True: that was all of it.</summary>
    /// <exception cref="Microsoft.AspNetCore.Http.BadHttpRequestException">The body is too large, or broken.</exception>
    internal static bool TryAppendAll(Exchange exchange, RequestShape shape, OutBuffer target) =>
        exchange.Body.TryRead(out ReadResult read) && Append(exchange, exchange.Body, read, shape, target);

    /// <summary>Sends all that is still to come. What <paramref name="connection"/> had to send must be sent.</summary>
    /// <returns>False: the server takes no more of it, or the read was cancelled.</returns>
    /// <exception cref="Microsoft.AspNetCore.Http.BadHttpRequestException">The body is too large, or broken.</exception>
    /// <exception cref="IOException">The client has gone.</exception>
    /// <exception cref="OperationCanceledException">The same.</exception>
    internal static async Task<bool> TrySendRestAsync(Exchange exchange, RequestShape shape, UpstreamConnection connection)
    {
        TimeSpan idle = exchange.Plan.Snapshot.Gateway.IdleTimeout;
        PipeReader body = exchange.Body;
        bool isWhole = false;
        while (!isWhole)
        {
            ReadResult read = await body.ReadAsync();
            if (read.IsCanceled)
            {
                body.AdvanceTo(read.Buffer.Start);
                return false;
            }
            isWhole = Append(exchange, body, read, shape, connection.Out);
            connection.Expect(idle);
            try
            {
                await connection.SendAsync();
            }
            catch (Exception fault) when (fault is IOException or ObjectDisposedException)
            {
                return false;
            }
        }
        return true;
    }

    private static bool Append(Exchange exchange, PipeReader body, ReadResult read, RequestShape shape, OutBuffer target)
    {
        ReadOnlySequence<byte> piece = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, PieceBytesMax));
        bool isWhole = read.IsCompleted && piece.Length == read.Buffer.Length;
        int bytes = (int)piece.Length;
        bool isChunked = shape.ContentLength is null;
        Span<byte> room = target.Room(bytes + ChunkFrameBytes);
        int written = 0;
        if (isChunked && bytes > 0)
        {
            Utf8Formatter.TryFormat(bytes, room, out written, new StandardFormat('x'));
            "\r\n"u8.CopyTo(room[written..]);
            written += 2;
        }
        piece.CopyTo(room[written..]);
        written += bytes;
        if (isChunked && bytes > 0)
        {
            "\r\n"u8.CopyTo(room[written..]);
            written += 2;
        }
        target.Advance(written);
        if (isChunked && isWhole)
            target.Write("0\r\n\r\n"u8);
        body.AdvanceTo(piece.End);
        exchange.CountUp(bytes);
        return isWhole;
    }
}
