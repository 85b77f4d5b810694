using System.Net;
using System.Net.Sockets;
using FastSni.Linux;

namespace FastSni.NativeTests.Support;

/// <summary>
/// A TCP connection over loopback: the near end as the loop has it (a bare non-blocking descriptor), the far end as a peer's blocking socket.
/// </summary>
internal sealed class SocketPair : IDisposable
{
    private SocketPair(Socket far, Fd near) => (Far, Near) = (far, near);

    internal Socket Far { get; }

    internal Fd Near { get; private set; }

    /// <param name="farReceiveBytes">SO_RCVBUF of the far end, so that a reader that pauses soon stops the sender; 0 = the kernel's choice.</param>
    internal static SocketPair Open(int farReceiveBytes = 0)
    {
        using ListenSocket listener = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        Socket far = Loopback.NewSocket();
        if (farReceiveBytes > 0)
            far.ReceiveBufferSize = farReceiveBytes;
        far.Connect(new IPEndPoint(IPAddress.Loopback, listener.Local.Port));
        return new SocketPair(far, Loopback.Accept(listener, out _));
    }

    /// <summary>The near end has been closed by what is tested.</summary>
    internal void ForgetNear() => Near = Fd.None;

    public void Dispose()
    {
        Near.Close();
        Far.Dispose();
    }
}
