using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace FastSni.Operations;

/// <summary>Who is at the other end of a unix socket, as the kernel noted it at connect, or at listen (unix(7), SO_PEERCRED).</summary>
internal readonly record struct PeerCredentials(int ProcessId, uint User, uint Group)
{
    private const int SolSocket = 1, SoPeerCred = 17;

    /// <summary>Of a listening socket: our own.</summary>
    /// <exception cref="SocketException">The kernel refused.</exception>
    public static PeerCredentials Of(Socket socket)
    {
        PeerCredentials found = default;
        socket.GetRawSocketOption(SolSocket, SoPeerCred, MemoryMarshal.AsBytes(new Span<PeerCredentials>(ref found)));
        return found;
    }
}
