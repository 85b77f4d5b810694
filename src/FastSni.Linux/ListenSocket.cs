using FastSni.Wire;
using Tmds.Linux;

namespace FastSni.Linux;

/// <summary>What accept4(2) said, by what is to be done about it.</summary>
public enum AcceptStatus : byte
{
    Accepted,
    /// <summary>EAGAIN: the queue is empty.</summary>
    Wait,
    /// <summary>The client went away in the queue (ECONNABORTED and the errors accept(2) says to treat like it): take the next.</summary>
    Retry,
    /// <summary>EMFILE, ENFILE, ENOBUFS, ENOMEM: no resources; stop accepting until some are free.</summary>
    Pause,
    /// <summary>The listening socket itself is broken.</summary>
    Stop,
}

/// <summary>One listening TCP socket, one of several on its address (SO_REUSEPORT). What accepted sockets inherit is set here once: TCP_NODELAY and keepalive.</summary>
public sealed unsafe class ListenSocket : IDisposable
{
    /// <summary>Keepalive finds a vanished peer after about two minutes: 60 s of silence, then 4 probes 15 s apart.</summary>
    internal const int KeepAliveIdleSeconds = 60, KeepAliveIntervalSeconds = 15, KeepAliveProbes = 4;

    /// <summary>
    /// With data unacknowledged the kernel gives up after tcp_retries2 tries: at most this far apart, that is three to four minutes instead of a quarter of an
    /// hour. TCP_USER_TIMEOUT would be simpler, but it also ends a living peer that does not read for a while (tcp_probe_timer).
    /// </summary>
    internal const int RetransmitMillisecondsMax = 15_000;

    /// <summary>Connections that may wait to be accepted; the kernel cuts it to net.core.somaxconn.</summary>
    public const int Backlog = 4096;

    private ListenSocket(Fd fd, IpEndpoint local) => (Fd, Local) = (fd, local);

    public Fd Fd { get; }

    /// <summary>The bound address; the port is the real one even if 0 was asked for.</summary>
    public IpEndpoint Local { get; }

    /// <summary>Binds and listens.</summary>
    /// <param name="shared">SO_REUSEPORT: several sockets of this user on one address share its connections.</param>
    /// <param name="isFree">True if the address is not one of ours yet and was bound by IP_FREEBIND (ip(7)).</param>
    /// <exception cref="LinuxException">EADDRINUSE, EACCES, EAFNOSUPPORT, EMFILE.</exception>
    public static ListenSocket Open(IpEndpoint endpoint, bool shared, out bool isFree)
    {
        Fd fd = OpenUnbound(endpoint, shared);
        try
        {
            isFree = Bind(fd, endpoint);
            Sys.ThrowIfFailed(LibC.listen(fd.Number, Backlog), "listen");
            return new ListenSocket(fd, StreamSocket.LocalEndpoint(fd));
        }
        catch
        {
            fd.Close();
            throw;
        }
    }

    /// <summary>Takes over a socket that another process opened: it gets what <see cref="Open"/> gives its own, close-on-exec and the backlog too.</summary>
    /// <returns>
    /// null where the descriptor is no listening TCP socket, or one of IPv6 that takes the clients of IPv4 as well; nothing was done to it then.
    /// </returns>
    public static ListenSocket? TryAdopt(Fd fd)
    {
        bool listens = Sys.TryGetOption(fd, LibC.SOL_SOCKET, LibC.SO_ACCEPTCONN) == 1
            && Sys.TryGetOption(fd, LibC.SOL_SOCKET, LibC.SO_PROTOCOL) == LibC.IPPROTO_TCP;
        IpEndpoint local = listens ? StreamSocket.LocalEndpoint(fd) : default;
        if (local.IsNone || (local.IsV6 && Sys.TryGetOption(fd, LibC.IPPROTO_IPV6, LibC.IPV6_V6ONLY) != 1))
            return null;
        Inheritable.Set(fd, false);
        int flags = Sys.ThrowIfFailed(LibC.fcntl(fd.Number, LibC.F_GETFL), "fcntl(F_GETFL)");
        Sys.ThrowIfFailed(LibC.fcntl(fd.Number, LibC.F_SETFL, flags | LibC.O_NONBLOCK), "fcntl(F_SETFL)");
        Sys.TrySetOption(fd, LibC.IPPROTO_TCP, LibC.TCP_NODELAY, 1);
        StreamSocket.KeepAlive(fd);
        _ = LibC.listen(fd.Number, Backlog);
        return new ListenSocket(fd, local);
    }

    /// <summary>A second descriptor of the same socket: both take clients from one queue.</summary>
    /// <exception cref="LinuxException">EMFILE.</exception>
    public ListenSocket Duplicate() => new(new Fd(Sys.ThrowIfFailed(LibC.fcntl(Fd.Number, LibC.F_DUPFD_CLOEXEC, 0), "fcntl(F_DUPFD_CLOEXEC)")), Local);

    /// <summary>Asks whether another program listens there, by a bind that shares with nobody.</summary>
    /// <exception cref="LinuxException">EADDRINUSE if so, and whatever else <see cref="Open"/> would meet.</exception>
    public static void ThrowIfTaken(IpEndpoint endpoint)
    {
        Fd fd = OpenUnbound(endpoint, shared: false);
        try
        {
            Bind(fd, endpoint);
        }
        finally
        {
            fd.Close();
        }
    }

    /// <summary>TCP_DEFER_ACCEPT: a client is shown only with its first bytes, or after about this many seconds; 0 shows it at once.</summary>
    public void DeferAccept(int seconds) => Sys.SetOption(Fd, LibC.IPPROTO_TCP, LibC.TCP_DEFER_ACCEPT, seconds, "TCP_DEFER_ACCEPT");

    /// <summary>Takes the next client: non-blocking, close-on-exec.</summary>
    public AcceptStatus Accept(out Fd client, out IpEndpoint peer)
    {
        SocketAddress address = default;
        socklen_t length = SocketAddress.BytesMax;
        // SAFETY: the kernel writes at most `length` bytes into the local.
        int accepted = LibC.accept4(Fd.Number, address.Pointer, &length, LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC);
        client = new Fd(accepted);
        peer = accepted >= 0 ? address.ToEndpoint() : default;
        return accepted >= 0 ? AcceptStatus.Accepted : Classify(Sys.LastError);
    }

    public void Dispose() => Fd.Close();

    // accept(2), "Error handling": already pending network errors of the new socket are returned by accept and mean "try again".
    private static AcceptStatus Classify(Errno error) => error switch
    {
        Errno.Again => AcceptStatus.Wait,
        Errno.TooManyProcessFiles or Errno.TooManySystemFiles or Errno.NoBufferSpace or Errno.NoMemory => AcceptStatus.Pause,
        Errno.BadDescriptor or Errno.Invalid or Errno.NotSupported => AcceptStatus.Stop,
        _ => AcceptStatus.Retry,
    };

    private static Fd OpenUnbound(IpEndpoint endpoint, bool shared)
    {
        var fd = new Fd(Sys.ThrowIfFailed(
            LibC.socket(endpoint.IsV6 ? LibC.AF_INET6 : LibC.AF_INET, LibC.SOCK_STREAM | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC, 0), "socket"));
        Sys.SetOption(fd, LibC.SOL_SOCKET, LibC.SO_REUSEADDR, 1, "SO_REUSEADDR");
        if (shared)
            Sys.SetOption(fd, LibC.SOL_SOCKET, LibC.SO_REUSEPORT, 1, "SO_REUSEPORT");
        if (endpoint.IsV6)
            Sys.SetOption(fd, LibC.IPPROTO_IPV6, LibC.IPV6_V6ONLY, 1, "IPV6_V6ONLY");
        Sys.SetOption(fd, LibC.IPPROTO_TCP, LibC.TCP_NODELAY, 1, "TCP_NODELAY");
        StreamSocket.KeepAlive(fd);
        return fd;
    }

    private static bool Bind(Fd fd, IpEndpoint endpoint)
    {
        SocketAddress address = SocketAddress.From(endpoint);
        if (LibC.bind(fd.Number, address.Pointer, address.Length) == 0)
            return false;
        if (Sys.LastError != Errno.AddressNotAvailable)
            throw new LinuxException("bind", Sys.LastError);
        // A router's address may come later than the gateway: bind it all the same.
        Sys.SetOption(fd, endpoint.IsV6 ? LibC.IPPROTO_IPV6 : LibC.IPPROTO_IP, endpoint.IsV6 ? LibC.IPV6_FREEBIND : LibC.IP_FREEBIND, 1, "IP_FREEBIND");
        Sys.ThrowIfFailed(LibC.bind(fd.Number, address.Pointer, address.Length), "bind");
        return true;
    }
}
