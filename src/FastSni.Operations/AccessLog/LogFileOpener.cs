using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;

namespace FastSni.Operations;

/// <summary>Opens a log file for appending; creates it with mode 0640, so that a log is for the service and its group.</summary>
internal static class LogFileOpener
{
    private const UnixFileMode CreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <param name="error">A sentence for the operator that begins with the path.</param>
    public static bool TryOpen(
        ILogFiles files, string path, [NotNullWhen(true)] out SafeFileHandle? file, out FileIdentity identity, [NotNullWhen(false)] out string? error)
    {
        (file, identity, error) = (null, default, null);
        if (files.IsPipe(path))
        {
            error = $"{path}: is a named pipe: the path of a file is needed";
            return false;
        }
        try
        {
            (file, identity) = Open(files, path);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            error = Directory.Exists(path)
                ? $"{path}: is a directory: the path of a file is needed"
                : $"{path}: permission denied: the service user must be able to write there";
        }
        catch (DirectoryNotFoundException)
        {
            error = $"{path}: no such directory: it must be there before the log is";
        }
        catch (IOException failure)
        {
            // .NET appends the path to what strerror says.
            error = $"{path}: {failure.Message.Replace($" : '{path}'", "", StringComparison.Ordinal)}";
        }
        return false;
    }

    private static (SafeFileHandle File, FileIdentity Identity) Open(ILogFiles files, string path)
    {
        FileStreamOptions options = new()
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = CreateMode,
        };
        // Only the handle is kept: the stream buffers nothing, and its finalizer leaves the handle open.
        SafeFileHandle file = new FileStream(path, options).SafeFileHandle;
        try
        {
            files.SetAppend(file);
            return (file, files.Identify(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
