using System.Text;
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

    /// <summary>A named pipe, which open(2) waits on until somebody reads it. .NET does not tell one from a file.</summary>
    public static bool IsPipe(string path)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        stat found;
        // SAFETY: the name ends with NUL; the kernel fills one struct on this frame.
        fixed (byte* start = name)
            return LibC.stat(start, &found) == 0 && ((uint)found.st_mode & (uint)LibC.S_IFMT) == (uint)LibC.S_IFIFO;
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
