using FastSni.Wire;
using Tmds.Linux;

namespace FastSni.Linux;

/// <summary>Calls on non-blocking stream sockets; all return at once.</summary>
public static unsafe class StreamSocket
{
    /// <summary>recv(2); steps over an urgent byte (MSG_OOB).</summary>
    public static IoResult Receive(Fd socket, Span<byte> buffer) => Receive(socket, buffer, 0);

    /// <summary>Copies from the start of the receive queue and leaves everything there. Stops at an urgent mark.</summary>
    public static IoResult Peek(Fd socket, Span<byte> buffer) => Receive(socket, buffer, LibC.MSG_PEEK);

    /// <summary>Takes up to <paramref name="bytes"/> off the receive queue of a TCP socket without copying them (tcp(7), MSG_TRUNC).</summary>
    public static IoResult Discard(Fd socket, int bytes)
    {
        IoResult taken;
        int tries = 0;
        do
            taken = IoResult.Of(LibC.recv(socket.Number, null, bytes, LibC.MSG_TRUNC));
        while (Sys.IsRetried(taken, ref tries));
        return taken;
    }

    /// <param name="isLast">The end is forwarded right behind these bytes: so that it travels with them, they wait for it (MSG_MORE, send(2)).</param>
    public static IoResult Send(Fd socket, ReadOnlySpan<byte> bytes, bool isLast = false)
    {
        // SAFETY: pinned for the calls. MSG_NOSIGNAL: a broken connection is an answer, not a signal.
        fixed (byte* start = bytes)
        {
            IoResult sent;
            int tries = 0;
            do
                sent = IoResult.Of(LibC.send(socket.Number, start, bytes.Length, LibC.MSG_NOSIGNAL | (isLast ? LibC.MSG_MORE : 0)));
            while (Sys.IsRetried(sent, ref tries));
            return sent;
        }
    }

    /// <summary>Sends both in one sendmsg(2), so that a fresh connection carries them in one piece.</summary>
    public static IoResult Send(Fd socket, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        // SAFETY: both pinned for the call; the vectors live on this frame.
        fixed (byte* firstStart = first, secondStart = second)
        {
            iovec* vectors = stackalloc iovec[2];
            vectors[0].iov_base = firstStart;
            vectors[0].iov_len = first.Length;
            vectors[1].iov_base = secondStart;
            vectors[1].iov_len = second.Length;
            msghdr message = default;
            message.msg_iov = vectors;
            message.msg_iovlen = 2;
            IoResult sent;
            int tries = 0;
            do
                sent = IoResult.Of(LibC.sendmsg(socket.Number, &message, LibC.MSG_NOSIGNAL));
            while (Sys.IsRetried(sent, ref tries));
            return sent;
        }
    }

    /// <summary>Sends FIN behind everything written so far. Fails only on a connection that is gone, which the next read will tell.</summary>
    public static void ShutdownWrite(Fd socket) => _ = LibC.shutdown(socket.Number, LibC.SHUT_WR);

    /// <summary>Closes with a reset: SO_LINGER 0 throws away what is unsent, so the send queue must be empty before.</summary>
    public static void Abort(Fd socket)
    {
        LetCloseReset(socket);
        socket.Close();
    }

    /// <summary>Makes the last close(2) of it a reset.</summary>
    public static void LetCloseReset(Fd socket)
    {
        linger now = default;
        now.l_onoff = 1;
        // SAFETY: the kernel copies the struct during the call.
        _ = LibC.setsockopt(socket.Number, LibC.SOL_SOCKET, LibC.SO_LINGER, &now, sizeof(linger));
    }

    /// <summary>A peer that takes nothing of what was sent, or has vanished, is cut after this long (TCP_USER_TIMEOUT, tcp(7)).</summary>
    public static void LimitStall(Fd socket, TimeSpan stallMax) =>
        Sys.TrySetOption(socket, LibC.IPPROTO_TCP, LibC.TCP_USER_TIMEOUT, (int)stallMax.TotalMilliseconds);

    /// <summary>Starts a TCP connection.</summary>
    /// <param name="source">The local address to use, or none to let the kernel choose.</param>
    /// <param name="sendsFirst">
    /// True when the caller sends right after the handshake: the handshake's ACK then waits for those bytes (TCP_QUICKACK 0, tcp(7)), which saves a packet.
    /// A client that only listens must not wait so, and who has sent must call <see cref="AcknowledgeAtOnce"/>.
    /// </param>
    /// <param name="socket">The new socket; open only where the result is ok.</param>
    /// <returns>Ok if connected or in progress; else why not.</returns>
    public static IoResult Connect(IpEndpoint server, IpEndpoint source, bool sendsFirst, out Fd socket)
    {
        socket = new Fd(LibC.socket(server.IsV4 ? LibC.AF_INET : LibC.AF_INET6, LibC.SOCK_STREAM | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC, 0));
        if (!socket.IsOpen)
            return IoResult.Failed(Sys.LastError);
        Sys.TrySetOption(socket, LibC.IPPROTO_TCP, LibC.TCP_NODELAY, 1);
        if (sendsFirst)
            Sys.TrySetOption(socket, LibC.IPPROTO_TCP, LibC.TCP_QUICKACK, 0);
        if (!source.IsNone && !TryBindSource(socket, source))
            return Fail(ref socket);
        SocketAddress address = SocketAddress.From(server);
        return Connect(ref socket, address.Pointer, address.Length);
    }

    /// <summary>
    /// Ends what <see cref="Connect(IpEndpoint, IpEndpoint, bool, out Fd)"/> began: else the peer's first bytes would be acknowledged late too, and a server that
    /// writes a greeting in two pieces without TCP_NODELAY would keep the second for 40 ms.
    /// </summary>
    public static void AcknowledgeAtOnce(Fd socket) => Sys.TrySetOption(socket, LibC.IPPROTO_TCP, LibC.TCP_QUICKACK, 1);

    /// <summary>Connects to a unix stream socket. EAGAIN (its backlog is full) comes back as an error: there is nothing to wait on.</summary>
    public static IoResult ConnectUnix(string path, out Fd socket)
    {
        socket = new Fd(LibC.socket(LibC.AF_UNIX, LibC.SOCK_STREAM | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC, 0));
        if (!socket.IsOpen)
            return IoResult.Failed(Sys.LastError);
        SocketAddress address = SocketAddress.FromUnixPath(path);
        return Connect(ref socket, address.Pointer, address.Length);
    }

    /// <summary>Takes the pending error of a socket (SO_ERROR): how a connect in progress ended.</summary>
    public static Errno TakeError(Fd socket)
    {
        int error = 0;
        socklen_t length = sizeof(int);
        // SAFETY: the kernel writes one int into a local.
        return LibC.getsockopt(socket.Number, LibC.SOL_SOCKET, LibC.SO_ERROR, &error, &length) == 0 ? (Errno)error : Sys.LastError;
    }

    /// <summary>Bytes not yet acknowledged by the peer (SIOCOUTQ, tcp(7)); 0 if the connection is gone.</summary>
    public static int UnacknowledgedBytes(Fd socket)
    {
        int bytes = 0;
        // SAFETY: the kernel writes one int into a local. TIOCOUTQ is the name SIOCOUTQ has on sockets.
        return LibC.ioctl(socket.Number, LibC.TIOCOUTQ, &bytes) == 0 ? bytes : 0;
    }

    /// <summary>Bytes received and not read yet (SIOCINQ, tcp(7)); 0 if the connection is gone.</summary>
    public static int UnreadBytes(Fd socket)
    {
        int bytes = 0;
        // SAFETY: the kernel writes one int into a local. FIONREAD is the name SIOCINQ has elsewhere.
        return LibC.ioctl(socket.Number, LibC.FIONREAD, &bytes) == 0 ? bytes : 0;
    }

    /// <summary>The bytes that make the socket readable (SO_RCVLOWAT); the kernel grows the receive buffer to hold them.</summary>
    public static void ReceiveLowWater(Fd socket, int bytes) => Sys.TrySetOption(socket, LibC.SOL_SOCKET, LibC.SO_RCVLOWAT, bytes);

    /// <summary>Keepalive, and retransmission that does not pause long, so that a peer that vanished without a word is found long before the idle timeout.</summary>
    public static void KeepAlive(Fd socket)
    {
        const int RetransmitTimeoutMax = 44;    // TCP_RTO_MAX_MS, of Linux 6.15; the binding has it not.
        Sys.TrySetOption(socket, LibC.SOL_SOCKET, LibC.SO_KEEPALIVE, 1);
        Sys.TrySetOption(socket, LibC.IPPROTO_TCP, LibC.TCP_KEEPIDLE, ListenSocket.KeepAliveIdleSeconds);
        Sys.TrySetOption(socket, LibC.IPPROTO_TCP, LibC.TCP_KEEPINTVL, ListenSocket.KeepAliveIntervalSeconds);
        Sys.TrySetOption(socket, LibC.IPPROTO_TCP, LibC.TCP_KEEPCNT, ListenSocket.KeepAliveProbes);
        Sys.TrySetOption(socket, LibC.IPPROTO_TCP, RetransmitTimeoutMax, ListenSocket.RetransmitMillisecondsMax);
    }

    /// <summary>Our own address of a connection; none if the socket has none.</summary>
    public static IpEndpoint LocalEndpoint(Fd socket)
    {
        SocketAddress address = default;
        socklen_t length = SocketAddress.BytesMax;
        return LibC.getsockname(socket.Number, address.Pointer, &length) == 0 ? address.ToEndpoint() : default;
    }

    /// <summary>Asks poll(2) whether a write would be taken now: tells a full socket from a splice that failed for another reason.</summary>
    public static bool IsWritable(Fd socket)
    {
        pollfd wanted = default;
        wanted.fd = socket.Number;
        wanted.events = LibC.POLLOUT;
        return LibC.poll(&wanted, 1, 0) > 0 && (wanted.revents & LibC.POLLOUT) != 0;
    }

    /// <summary>Asks poll(2) whether the peer has ended or failed, without reading what it sent before that.</summary>
    public static bool HasPeerEnded(Fd socket)
    {
        const short ReadHangUp = 0x2000;    // POLLRDHUP, which poll(2) has and the binding has not.
        pollfd wanted = default;
        wanted.fd = socket.Number;
        wanted.events = ReadHangUp;
        return LibC.poll(&wanted, 1, 0) > 0;
    }

    private static IoResult Receive(Fd socket, Span<byte> buffer, int flags)
    {
        // SAFETY: pinned for the calls; the kernel writes at most the span's length.
        fixed (byte* start = buffer)
        {
            IoResult read;
            int tries = 0;
            do
                read = IoResult.Of(LibC.recv(socket.Number, start, buffer.Length, flags));
            while (Sys.IsRetried(read, ref tries));
            return read;
        }
    }

    private static bool TryBindSource(Fd socket, IpEndpoint source)
    {
        // The port is chosen at connect, by the whole four-tuple: thousands of connections from one address do not run out (ip(7)).
        Sys.TrySetOption(socket, LibC.IPPROTO_IP, LibC.IP_BIND_ADDRESS_NO_PORT, 1);
        SocketAddress address = SocketAddress.From(source);
        return LibC.bind(socket.Number, address.Pointer, address.Length) == 0;
    }

    private static IoResult Connect(ref Fd socket, sockaddr* address, int length) =>
        LibC.connect(socket.Number, address, length) == 0 || Sys.LastError == Errno.InProgress ? default : Fail(ref socket);

    private static IoResult Fail(ref Fd socket)
    {
        IoResult failed = IoResult.Failed(Sys.LastError);
        socket.Close();
        socket = Fd.None;
        return failed;
    }
}
