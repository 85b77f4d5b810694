using System.Runtime.InteropServices;
using FastSni.Linux;
using FastSni.Wire;
using Xunit;
using IPAddress = System.Net.IPAddress;

namespace FastSni.NativeTests.Abi;

/// <summary>The numbers and layouts we wrote down ourselves are those of this system's headers.</summary>
public class OwnNumbersTests
{
    private static readonly Dictionary<Errno, string> ErrnoNames = new()
    {
        [Errno.NotPermitted] = "EPERM",
        [Errno.NoEntry] = "ENOENT",
        [Errno.Interrupted] = "EINTR",
        [Errno.IoError] = "EIO",
        [Errno.BadDescriptor] = "EBADF",
        [Errno.Again] = "EAGAIN",
        [Errno.NoMemory] = "ENOMEM",
        [Errno.AccessDenied] = "EACCES",
        [Errno.Busy] = "EBUSY",
        [Errno.Invalid] = "EINVAL",
        [Errno.TooManySystemFiles] = "ENFILE",
        [Errno.TooManyProcessFiles] = "EMFILE",
        [Errno.NoSpace] = "ENOSPC",
        [Errno.BrokenPipe] = "EPIPE",
        [Errno.NoSystemCall] = "ENOSYS",
        [Errno.ProtocolError] = "EPROTO",
        [Errno.NoProtocolOption] = "ENOPROTOOPT",
        [Errno.NotSupported] = "EOPNOTSUPP",
        [Errno.AddressFamilyNotSupported] = "EAFNOSUPPORT",
        [Errno.AddressInUse] = "EADDRINUSE",
        [Errno.AddressNotAvailable] = "EADDRNOTAVAIL",
        [Errno.NetworkDown] = "ENETDOWN",
        [Errno.NetworkUnreachable] = "ENETUNREACH",
        [Errno.ConnectionAborted] = "ECONNABORTED",
        [Errno.ConnectionReset] = "ECONNRESET",
        [Errno.NoBufferSpace] = "ENOBUFS",
        [Errno.IsConnected] = "EISCONN",
        [Errno.NotConnected] = "ENOTCONN",
        [Errno.TimedOut] = "ETIMEDOUT",
        [Errno.ConnectionRefused] = "ECONNREFUSED",
        [Errno.HostUnreachable] = "EHOSTUNREACH",
        [Errno.Already] = "EALREADY",
        [Errno.InProgress] = "EINPROGRESS",
    };

    private static readonly Dictionary<EpollEvents, string> EventNames = new()
    {
        [EpollEvents.In] = "EPOLLIN",
        [EpollEvents.Priority] = "EPOLLPRI",
        [EpollEvents.Out] = "EPOLLOUT",
        [EpollEvents.Error] = "EPOLLERR",
        [EpollEvents.HangUp] = "EPOLLHUP",
        [EpollEvents.ReadHangUp] = "EPOLLRDHUP",
        [EpollEvents.EdgeTriggered] = "EPOLLET",
    };

    [SkippableFact]
    public void Errno_has_the_systems_values()
    {
        CompilerCheck check = new();
        foreach (Errno error in Enum.GetValues<Errno>().Where(error => error != Errno.None))
            check.AreEqual(ErrnoNames[error], (long)error);
        // The code treats would-block as one thing; POSIX lets it be two.
        check.AreEqual("EWOULDBLOCK", (long)Errno.Again);
        Assert.Empty(check.Run());
    }

    [SkippableFact]
    public void EpollEvents_has_the_systems_values()
    {
        CompilerCheck check = new();
        foreach (EpollEvents one in Enum.GetValues<EpollEvents>().Where(one => one != EpollEvents.None))
            check.AreEqual(EventNames[one], (long)one);
        check.AreEqual("sizeof(struct epoll_event)", Marshal.SizeOf<EpollEvent>());
        Assert.Empty(check.Run());
    }

    [SkippableFact]
    public void Resource_limits_have_the_systems_number_and_layout()
    {
        CompilerCheck check = new();
        check.AreEqual("RLIMIT_NOFILE", Sys.RlimitNofile);
        check.AreEqual("sizeof(struct rlimit)", Marshal.SizeOf<Sys.Rlimit>());
        check.AreEqual("offsetof(struct rlimit, rlim_cur)", Marshal.OffsetOf<Sys.Rlimit>(nameof(Sys.Rlimit.Current)));
        check.AreEqual("offsetof(struct rlimit, rlim_max)", Marshal.OffsetOf<Sys.Rlimit>(nameof(Sys.Rlimit.Maximum)));
        Assert.Empty(check.Run());
    }

    [SkippableFact]
    public void Socket_addresses_lie_in_memory_as_the_system_has_them()
    {
        SocketAddress v4 = SocketAddress.From(IpEndpoint.Create(IPAddress.Parse("1.2.3.4"), 0x0506));
        SocketAddress v6 = SocketAddress.From(IpEndpoint.Create(IPAddress.Parse("1:2:3:4:5:6:7:8"), 0x0A0B));
        var unix = SocketAddress.FromUnixPath("/run/x");
        CompilerCheck check = new();
        check.AreEqual("AF_INET", BitConverter.ToUInt16(Bytes(v4)));
        check.AreEqual("sizeof(struct sockaddr_in)", v4.Length);
        check.AreEqual("offsetof(struct sockaddr_in, sin_port)", PlaceOf([5, 6], v4));
        check.AreEqual("offsetof(struct sockaddr_in, sin_addr)", PlaceOf([1, 2, 3, 4], v4));
        check.AreEqual("AF_INET6", BitConverter.ToUInt16(Bytes(v6)));
        check.AreEqual("sizeof(struct sockaddr_in6)", v6.Length);
        check.AreEqual("offsetof(struct sockaddr_in6, sin6_port)", PlaceOf([10, 11], v6));
        check.AreEqual("offsetof(struct sockaddr_in6, sin6_addr)", PlaceOf([0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8], v6));
        check.AreEqual("AF_UNIX", BitConverter.ToUInt16(Bytes(unix)));
        check.AreEqual("offsetof(struct sockaddr_un, sun_path)", PlaceOf("/run/x"u8, unix));
        check.AreEqual("offsetof(struct sockaddr_un, sun_path) + sizeof(\"/run/x\")", unix.Length);
        check.AreEqual($"sizeof(struct sockaddr_un) <= {SocketAddress.BytesMax}", 1);
        Assert.Empty(check.Run());
    }

    [SkippableFact]
    public void The_longest_unix_path_is_the_systems()
    {
        string longest = "/" + new string('x', 106);
        CompilerCheck check = new();
        check.AreEqual("sizeof(((struct sockaddr_un*)0)->sun_path)", longest.Length + 1);
        check.AreEqual("sizeof(struct sockaddr_un)", SocketAddress.FromUnixPath(longest).Length);
        Assert.Empty(check.Run());
        Assert.Throws<ArgumentException>(() => SocketAddress.FromUnixPath(longest + "x"));
    }

    [SkippableFact]
    public void The_send_queue_is_asked_for_by_its_socket_name_too()
    {
        CompilerCheck check = new();
        check.AreEqual("TIOCOUTQ", LinuxSources.ValueOf("TIOCOUTQ"));
        check.AreEqual("SIOCOUTQ", LinuxSources.ValueOf("TIOCOUTQ"));
        Assert.Empty(check.Run());
    }

    private static byte[] Bytes(SocketAddress address) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<SocketAddress>(ref address))[..SocketAddress.BytesMax].ToArray();

    private static int PlaceOf(ReadOnlySpan<byte> part, SocketAddress address) => Bytes(address).AsSpan().IndexOf(part);
}
