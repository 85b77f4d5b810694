using FastSni.Linux;
using FastSni.Wire;

namespace FastSni.NativeTests.Support;

/// <summary>A client on the test's own thread that allocates nothing: bare descriptors, and waiting in epoll.</summary>
internal sealed class QuietClient : IDisposable
{
    private readonly Epoll _epoll = Epoll.Create();
    private readonly byte[] _buffer = new byte[64 * 1024];

    /// <summary>
    /// Connects, sends the pieces (the next one only when the gateway has had a look at the one before), and reads so many bytes or to the end.
    /// </summary>
    internal int Visit(IpEndpoint gateway, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int replyBytes)
    {
        IoResult connected = StreamSocket.Connect(gateway, source: default, sendsFirst: false, out Fd socket);
        if (!connected.IsOk || !_epoll.TryAdd(socket, EpollEvents.In | EpollEvents.ReadHangUp, 1))
            return Give(socket, -1);
        int sent = StreamSocket.Send(socket, first).Bytes;
        if (!second.IsEmpty)
        {
            Thread.Yield();
            sent += StreamSocket.Send(socket, second).Bytes;
        }
        return sent == first.Length + second.Length ? Give(socket, Read(socket, replyBytes)) : Give(socket, -2);
    }

    public void Dispose() => _epoll.Dispose();

    private int Read(Fd socket, int wantedBytes)
    {
        Span<EpollEvent> events = stackalloc EpollEvent[1];
        int got = 0;
        while (got < wantedBytes)
        {
            if (_epoll.Wait(events, Loopback.PatienceMilliseconds) == 0)
                return -3;
            IoResult read = StreamSocket.Receive(socket, _buffer);
            if (read.WouldBlock)
                continue;
            if (read.Bytes == 0)
                return got;
            got += read.Bytes;
        }
        return got;
    }

    private static int Give(Fd socket, int result)
    {
        socket.Close();
        return result;
    }
}
