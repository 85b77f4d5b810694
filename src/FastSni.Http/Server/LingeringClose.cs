using System.Buffers;
using FastSni.Linux;

namespace FastSni.Http;

/// <summary>
/// Ends a connection whose client may still be sending: close(2) with unread bytes sends a reset, which would overtake the answer. So the end is sent, and
/// what still comes is thrown away until the client ends too, up to a limit. Most clients have ended first: with them there is nothing to wait for.
/// </summary>
internal static class LingeringClose
{
    private static readonly TimeSpan LingerMax = TimeSpan.FromSeconds(1);

    private const int DiscardBytesMax = 1024 * 1024, DiscardStepBytes = 16 * 1024;

    internal static async Task RunAsync(LoopSocket socket)
    {
        // What is queued of a client that has ended is all that will come: no read can block, and close(2) itself sends our end.
        int discarded = 0;
        if (socket.HasPeerEnded)
        {
            socket.LookAgain();
            while (discarded < DiscardBytesMax && Discard(socket) is { Bytes: > 0 } queued)
                discarded += queued.Bytes;
            return;
        }
        socket.EndSending();
        using CancellationTokenSource patience = new(LingerMax);
        while (discarded < DiscardBytesMax)
        {
            IoResult received = Discard(socket);
            discarded += received.Bytes;
            if (received.WouldBlock)
                await socket.WaitToReceiveAsync(patience.Token);
            else if (received.Bytes == 0)
                return;     // The client has ended or is gone: the usual way for a connection to end.
        }
    }

    private static IoResult Discard(LoopSocket socket)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(DiscardStepBytes);
        try
        {
            return socket.Receive(bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
