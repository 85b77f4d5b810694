using FastSni.Config;

namespace FastSni.Bans;

/// <summary>Opens text files of bounded size.</summary>
internal static class LimitedFile
{
    internal const long BytesMax = 256L * 1024 * 1024;

    /// <summary>Throws what opening and reading throw (<see cref="FileTrouble"/>); so does a file that has no size, or too much of it.</summary>
    internal static StreamReader Open(string path)
    {
        if (NamedPipe.IsAt(path))
            throw new NamedPipeException();
        // Without .NET's advisory lock.
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.CanSeek && file.Length <= BytesMax)
            return new StreamReader(file);
        file.Dispose();
        throw new FileTooLargeException();
    }
}
