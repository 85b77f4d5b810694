using FastSni.Config;
using Microsoft.Win32.SafeHandles;

namespace FastSni.Bans;

/// <summary>By what a file is known to have changed, behind any symbolic links.</summary>
/// <param name="Head">A hash of its first bytes, for .NET tells no inode: another file renamed over this one may have its size and its time.</param>
internal readonly record struct FileStamp(DateTime WrittenUtc, long Bytes, int Head)
{
    private const int HeadBytes = 4096;

    /// <summary>Throws what opening and reading throw (<see cref="FileTrouble"/>).</summary>
    internal static FileStamp Of(string path)
    {
        if (NamedPipe.IsAt(path))
            throw new NamedPipeException();
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        long bytes = RandomAccess.GetLength(file);
        Span<byte> head = stackalloc byte[HeadBytes];
        int read = RandomAccess.Read(file, head, fileOffset: 0);
        HashCode hash = new();
        hash.AddBytes(head[..read]);
        return new FileStamp(File.GetLastWriteTimeUtc(file), bytes, hash.ToHashCode());
    }
}
