using System.Text;
using Tmds.Linux;

namespace FastSni.Linux;

/// <summary>Device and inode: whether two names, or a name and an open file, are the same file.</summary>
public readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    /// <summary>null where nothing has that name, or it may not be looked at.</summary>
    public static unsafe FileIdentity? OfPath(string path)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        stat found;
        // SAFETY: the name ends with NUL; the kernel fills one struct on this frame.
        fixed (byte* start = name)
            return LibC.stat(start, &found) == 0 ? Of(found) : null;
    }

    public static unsafe FileIdentity? OfDescriptor(Fd file)
    {
        stat found;
        return LibC.fstat(file.Number, &found) == 0 ? Of(found) : null;
    }

    private static FileIdentity Of(in stat found) => new((ulong)found.st_dev, (ulong)found.st_ino);
}
