using Microsoft.Win32.SafeHandles;

namespace FastSni.Operations;

/// <summary>
/// What a log needs of the kernel and .NET has no name for; the host supplies it from FastSni.Linux.
/// .NET opens the file, which gives the usual exceptions, the mode and O_CLOEXEC.
/// </summary>
public interface ILogFiles
{
    /// <summary>
    /// fcntl(F_SETFL, O_APPEND). .NET's own append mode remembers a position, and would overwrite what another process (an upgrade's) appends.
    /// </summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    void SetAppend(SafeFileHandle file);

    /// <summary>One write(2), which waits until bytes are taken (EINTR and EAGAIN are none of the caller's business).</summary>
    /// <returns>The bytes taken, which may be fewer than given; at least one.</returns>
    /// <exception cref="IOException">Nothing was taken: the disk is full, the reader has gone. The message is strerror's.</exception>
    int Write(SafeFileHandle file, ReadOnlySpan<byte> bytes);

    /// <summary>The identity of an open file.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    FileIdentity Identify(SafeFileHandle file);

    /// <summary>The identity of what a path leads to, symbolic links followed; null if it leads nowhere or can't be followed.</summary>
    FileIdentity? Identify(string path);

    /// <summary>True for a named pipe, whose opening would wait until somebody reads it.</summary>
    bool IsPipe(string path);
}

/// <summary>What makes two open files the same one.</summary>
/// <param name="Device">st_dev, in any form that tells devices apart.</param>
/// <param name="Inode">st_ino.</param>
public readonly record struct FileIdentity(ulong Device, ulong Inode);
