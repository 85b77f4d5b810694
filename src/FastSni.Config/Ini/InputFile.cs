using System.Security;

namespace FastSni.Config.Ini;

/// <summary>Opens the files of the configuration, and says in the operator's words why one cannot be read.</summary>
internal static class InputFile
{
    /// <summary>
    /// Without .NET's advisory lock and without a buffer. Throws what opening a file throws; see <see cref="IsExpected"/>.
    /// </summary>
    public static FileStream Open(string path) => NamedPipe.IsAt(path)
        ? throw new NamedPipeException()
        : new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    /// <summary>What opening and reading throw when the file is to blame.</summary>
    public static bool IsExpected(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or SecurityException or ArgumentException or NotSupportedException;

    // Exception messages are not used: the published program carries none (UseSystemResourceKeys), only their resource keys.
    public static string Describe(Exception exception, string path) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        NamedPipeException => "this is a named pipe; a file is needed",
        PathTooLongException or ArgumentException or NotSupportedException => "this is no usable file name",
        _ when Directory.Exists(path) => "this is a directory; a file is needed",
        UnauthorizedAccessException or SecurityException => "permission denied: the service user must be able to read it",
        _ => $"it could not be read (error {exception.HResult})",
    };
}
