using Tmds.Linux;

namespace FastSni.Linux;

/// <summary>What a log file needs beyond .NET's own: appending that holds over several writers, and single writes that may be short.</summary>
public static unsafe class LogFile
{
    /// <summary>fcntl(F_SETFL, O_APPEND).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetAppend(Fd file)
    {
        int flags = Sys.ThrowIfFailed(LibC.fcntl(file.Number, LibC.F_GETFL), "fcntl(F_GETFL)");
        Sys.ThrowIfFailed(LibC.fcntl(file.Number, LibC.F_SETFL, flags | LibC.O_APPEND), "fcntl(F_SETFL)");
    }

    /// <summary>One write(2); waits where the file is a full pipe that does not block (a stdout shared with somebody who set O_NONBLOCK).</summary>
    /// <returns>Bytes taken, at least one.</returns>
    /// <exception cref="LinuxException">Nothing was taken: ENOSPC, EPIPE, EIO.</exception>
    public static int Write(Fd file, ReadOnlySpan<byte> bytes)
    {
        // SAFETY: pinned for the calls; poll writes into a local.
        fixed (byte* start = bytes)
        {
            while (true)
            {
                IoResult written = IoResult.Of(LibC.write(file.Number, start, bytes.Length));
                if (written.IsOk)
                    return written.Bytes;
                if (written.WouldBlock)
                {
                    pollfd wanted = default;
                    wanted.fd = file.Number;
                    wanted.events = LibC.POLLOUT;
                    _ = LibC.poll(&wanted, 1, -1);
                }
                else if (written.Error != Errno.Interrupted)
                    throw new LinuxException("write", written.Error);
            }
        }
    }
}
