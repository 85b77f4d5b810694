using Tmds.Linux;

namespace FastSni.Linux;

/// <summary>A pipe(7) for splice(2): the kernel's pages go in at one end and out at the other without a copy in user space.</summary>
public sealed unsafe class Pipe : IDisposable
{
    /// <summary>Below this a pipe is not worth having: an unprivileged user past pipe-user-pages-soft is given 8 KiB (pipe(7)).</summary>
    public const int UsefulBytesMin = 64 * 1024;

    private readonly Fd _read, _write;

    private Pipe(Fd read, Fd write, int capacityBytes) => (_read, _write, CapacityBytes) = (read, write, capacityBytes);

    /// <summary>The nominal size. Bytes held may exceed it, and a pipe can be full below it: slots are counted, not bytes.</summary>
    public int CapacityBytes { get; private set; }

    /// <summary>Opens a pipe of the kernel's own size: 64 KiB, 16 slots.</summary>
    /// <returns>null without descriptors or memory (EMFILE, ENFILE, ENOMEM), or where only a tiny pipe is to be had.</returns>
    public static Pipe? TryOpen()
    {
        int* ends = stackalloc int[2];
        // SAFETY: the kernel writes two ints onto this frame.
        if (LibC.pipe2(ends, LibC.O_NONBLOCK | LibC.O_CLOEXEC) != 0)
            return null;
        var (read, write) = (new Fd(ends[0]), new Fd(ends[1]));
        int capacity = LibC.fcntl(write.Number, LibC.F_GETPIPE_SZ);
        if (capacity >= UsefulBytesMin)
            return new Pipe(read, write, capacity);
        read.Close();
        write.Close();
        return null;
    }

    /// <summary>Makes the empty pipe larger (fcntl(2), F_SETPIPE_SZ).</summary>
    /// <returns>False: it stays as it is. Larger than pipe-max-size, or the user's share of pages is used up (EPERM), or no memory.</returns>
    public bool TryGrow(int wantedBytes)
    {
        int capacity = LibC.fcntl(_write.Number, LibC.F_SETPIPE_SZ, wantedBytes);
        if (capacity < 0)
            return false;
        CapacityBytes = capacity;
        return true;
    }

    /// <summary>Moves bytes from a socket into the empty pipe. Would-block does not tell an empty socket from an urgent byte: only recv(2) does.</summary>
    public IoResult FillFrom(Fd socket, int bytesMax) => Splice(socket, _write, bytesMax);

    /// <summary>Moves held bytes on to a socket.</summary>
    public IoResult DrainTo(Fd socket, int bytes) => Splice(_read, socket, bytes);

    /// <summary>Closes both ends; bytes still held are gone.</summary>
    public void Dispose()
    {
        _read.Close();
        _write.Close();
    }

    private static IoResult Splice(Fd from, Fd to, int bytes)
    {
        IoResult moved;
        int tries = 0;
        do
            // SAFETY: no offsets for sockets and pipes; nothing of ours is touched.
            moved = IoResult.Of(LibC.splice(from.Number, null, to.Number, null, bytes, (uint)(LibC.SPLICE_F_MOVE | LibC.SPLICE_F_NONBLOCK)));
        while (Sys.IsRetried(moved, ref tries));
        return moved;
    }
}
