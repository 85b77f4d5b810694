using Tmds.Linux;

namespace FastSni.Linux;

/// <summary>Two connected unix stream sockets (socketpair(2)), one to keep and one to hand to another process: its end is seen as the end of the stream.</summary>
public static unsafe class LocalPair
{
    /// <summary>Both blocking and close-on-exec.</summary>
    /// <exception cref="LinuxException">EMFILE, ENFILE, ENOMEM.</exception>
    public static (Fd Kept, Fd Given) Open()
    {
        int* ends = stackalloc int[2];
        // SAFETY: the kernel writes two ints onto this frame.
        Sys.ThrowIfFailed(LibC.socketpair(LibC.AF_UNIX, LibC.SOCK_STREAM | LibC.SOCK_CLOEXEC, 0, ends), "socketpair");
        return (new Fd(ends[0]), new Fd(ends[1]));
    }

    /// <summary>Takes over an end that was handed to this process: true, and close-on-exec from now on, if it is a unix stream socket.</summary>
    public static bool TryAdopt(Fd end)
    {
        if (Sys.TryGetOption(end, LibC.SOL_SOCKET, LibC.SO_DOMAIN) != LibC.AF_UNIX || Sys.TryGetOption(end, LibC.SOL_SOCKET, LibC.SO_TYPE) != LibC.SOCK_STREAM)
            return false;
        Inheritable.Set(end, false);
        return true;
    }
}
