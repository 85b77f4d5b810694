using System.Net.Sockets;

namespace FastSni.Http;

/// <summary>
/// Calls on a socket that does not block, for where the kernel is nearly always ready: nothing is set up to be awaited. What fails moves 0 bytes here; the
/// caller's awaited call tells why.
/// </summary>
internal static class ReadySocket
{
    /// <summary>How many bytes the kernel has taken; 0 also where the socket has failed.</summary>
    internal static int Send(Socket socket, ReadOnlySpan<byte> bytes) => Math.Max(0, socket.Send(bytes, SocketFlags.None, out _));

    /// <summary>False: nothing was received; whether something may still come is not known.</summary>
    internal static bool TryReceive(Socket socket, Span<byte> buffer, out int received)
    {
        received = socket.Receive(buffer, SocketFlags.None, out SocketError error);
        return error == SocketError.Success;
    }
}
