using System.Buffers;
using System.Net.Sockets;
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

    internal static async Task RunAsync(Socket socket)
    {
        // What is queued of a client that has ended is all that will come: no read can block, and close(2) itself sends our end.
        int discarded = 0;
        if (StreamSocket.HasPeerEnded(socket.SafeHandle))
        {
            while (discarded < DiscardBytesMax && Discard(socket) is > 0 and int queued)
                discarded += queued;
            return;
        }
        socket.Shutdown(SocketShutdown.Send);
        using CancellationTokenSource patience = new(LingerMax);
        while (discarded < DiscardBytesMax)
        {
            // Without a buffer until there is something to throw away.
            await socket.ReceiveAsync(Memory<byte>.Empty, patience.Token);
            int received = Discard(socket);
            if (received == 0)
                return;
            discarded += received;
        }
    }

    /// <returns>0 = the client has ended or is gone. The usual way for a connection to end, so it must not be an exception.</returns>
    private static int Discard(Socket socket)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(DiscardStepBytes);
        try
        {
            int received = socket.Receive(bytes, SocketFlags.None, out SocketError error);
            return error == SocketError.Success ? received : 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
