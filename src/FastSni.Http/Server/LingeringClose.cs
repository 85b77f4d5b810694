using System.Buffers;
using System.Net.Sockets;

namespace FastSni.Http;

/// <summary>
/// Ends a connection whose client may still be sending: close(2) with unread bytes sends a reset, which would overtake the answer. So the end is sent, and
/// what still comes is thrown away until the client ends too, up to a limit.
/// </summary>
internal static class LingeringClose
{
    private static readonly TimeSpan LingerMax = TimeSpan.FromSeconds(1);

    private const int DiscardBytesMax = 1024 * 1024, DiscardStepBytes = 16 * 1024;

    internal static async Task RunAsync(Socket socket)
    {
        socket.Shutdown(SocketShutdown.Send);
        using CancellationTokenSource patience = new(LingerMax);
        int discarded = 0;
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

    private static int Discard(Socket socket)
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
