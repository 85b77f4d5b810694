using Tmds.Linux;

namespace FastSni.Linux;

/// <summary>An eventfd(2): how another thread makes a worker's epoll_wait return.</summary>
public sealed unsafe class WakeUp : IDisposable
{
    private WakeUp(Fd fd) => Fd = fd;

    public Fd Fd { get; }

    /// <exception cref="LinuxException">EMFILE, ENFILE, ENOMEM.</exception>
    public static WakeUp Create() => new(new Fd(Sys.ThrowIfFailed(LibC.eventfd(0, LibC.EFD_NONBLOCK | LibC.EFD_CLOEXEC), "eventfd")));

    /// <summary>May be called from any thread. A counter that is full is a wake-up already on its way.</summary>
    public void Signal()
    {
        ulong one = 1;
        _ = LibC.write(Fd.Number, &one, sizeof(ulong));
    }

    /// <summary>Resets the counter, so that the next <see cref="Signal"/> is a new edge.</summary>
    public void Clear()
    {
        ulong count;
        _ = LibC.read(Fd.Number, &count, sizeof(ulong));
    }

    public void Dispose() => Fd.Close();
}
