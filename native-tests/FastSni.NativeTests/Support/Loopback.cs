using System.Net;
using System.Net.Sockets;
using FastSni.Linux;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.Support;

internal static class Loopback
{
    /// <summary>What nothing here takes; only a test that hangs meets it.</summary>
    internal const int PatienceMilliseconds = 20_000;

    internal static TimeSpan Patience => TimeSpan.FromMilliseconds(PatienceMilliseconds);

    internal static IpEndpoint AnyPort => IpEndpoint.Create(IPAddress.Loopback, 0);

    /// <summary>A blocking socket whose calls end in an exception rather than never.</summary>
    internal static Socket NewSocket(AddressFamily family = AddressFamily.InterNetwork)
    {
        var socket = new Socket(family, SocketType.Stream, family == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        Bound(socket);
        return socket;
    }

    internal static Socket Bound(Socket socket)
    {
        socket.SendTimeout = socket.ReceiveTimeout = PatienceMilliseconds;
        if (socket.AddressFamily != AddressFamily.Unix)
            socket.NoDelay = true;
        return socket;
    }

    /// <summary>Waits for the next client.</summary>
    internal static Fd Accept(ListenSocket listener, out IpEndpoint peer)
    {
        AcceptStatus status;
        using var epoll = Epoll.Create();
        Assert.True(epoll.TryAdd(listener.Fd, EpollEvents.In, 1));
        Span<EpollEvent> events = stackalloc EpollEvent[1];
        Fd client;
        do
        {
            Assert.Equal(1, epoll.Wait(events, PatienceMilliseconds));
            status = listener.Accept(out client, out peer);
        }
        while (status == AcceptStatus.Wait);
        Assert.Equal(AcceptStatus.Accepted, status);
        return client;
    }

    /// <summary>Waits until poll-like readiness shows on a descriptor, and says which.</summary>
    internal static EpollEvents WaitFor(Fd socket, EpollEvents wanted)
    {
        using var epoll = Epoll.Create();
        Assert.True(epoll.TryAdd(socket, wanted, 1));
        Span<EpollEvent> events = stackalloc EpollEvent[1];
        Assert.Equal(1, epoll.Wait(events, PatienceMilliseconds));
        return events[0].Events;
    }

    /// <summary>A TCP port of 127.0.0.1 at which nobody listens, and nobody will while it is held: the socket is bound, and refuses.</summary>
    internal static Socket BindWithoutListening(out int port)
    {
        Socket socket = NewSocket();
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        return socket;
    }
}
