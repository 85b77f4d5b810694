using Tmds.Linux;

namespace FastSni.Linux;

/// <summary>epoll(7) event bits; the numbers are the kernel's.</summary>
[Flags]
public enum EpollEvents : uint
{
    None = 0,
    In = 0x001,
    Priority = 0x002,
    Out = 0x004,
    Error = 0x008,
    HangUp = 0x010,
    ReadHangUp = 0x2000,
    EdgeTriggered = 1u << 31,
}

/// <summary>One event as the kernel hands it over: struct epoll_event, 12 bytes packed on x86-64, 16 elsewhere.</summary>
public readonly struct EpollEvent
{
    private readonly epoll_event _event;

    internal EpollEvent(epoll_event value) => _event = value;

    public EpollEvents Events => (EpollEvents)(uint)_event.events;

    /// <summary>What was registered with the descriptor.</summary>
    public ulong Token => _event.data.u64;
}

/// <summary>An epoll instance.</summary>
public sealed unsafe class Epoll : IDisposable
{
    private readonly Fd _fd;

    private Epoll(Fd fd) => _fd = fd;

    /// <exception cref="LinuxException">EMFILE, ENFILE, ENOMEM.</exception>
    public static Epoll Create() => new(new Fd(Sys.ThrowIfFailed(LibC.epoll_create1(LibC.EPOLL_CLOEXEC), "epoll_create1")));

    /// <summary>False when the kernel is out of memory or watches (ENOMEM, ENOSPC); nothing is registered then.</summary>
    public bool TryAdd(Fd descriptor, EpollEvents events, ulong token) => Control(LibC.EPOLL_CTL_ADD, descriptor, events, token);

    public bool TryModify(Fd descriptor, EpollEvents events, ulong token) => Control(LibC.EPOLL_CTL_MOD, descriptor, events, token);

    public void Remove(Fd descriptor) => Control(LibC.EPOLL_CTL_DEL, descriptor, EpollEvents.None, 0);

    /// <param name="timeoutMilliseconds">−1 waits without end.</param>
    /// <returns>The number of events; 0 on a timeout or a signal.</returns>
    public int Wait(Span<EpollEvent> events, int timeoutMilliseconds)
    {
        // SAFETY: EpollEvent wraps exactly one epoll_event; the span is pinned for the call.
        fixed (EpollEvent* first = events)
        {
            int count = LibC.epoll_wait(_fd.Number, (epoll_event*)first, events.Length, timeoutMilliseconds);
            if (count >= 0)
                return count;
            return Sys.LastError == Errno.Interrupted ? 0 : throw new LinuxException("epoll_wait", Sys.LastError);
        }
    }

    public void Dispose() => _fd.Close();

    private bool Control(int operation, Fd descriptor, EpollEvents events, ulong token)
    {
        epoll_event change = default;
        change.events = (int)events;
        change.data.u64 = token;
        // SAFETY: the kernel copies the struct during the call.
        return LibC.epoll_ctl(_fd.Number, operation, descriptor.Number, &change) == 0;
    }
}
