using FastSni.Config;

namespace FastSni.Bans;

/// <summary>Why a file of this room can't be used, in the operator's words: the published program carries no exception messages (UseSystemResourceKeys).</summary>
internal static class FileTrouble
{
    private const int NoSpace = 28, ReadOnly = 30;   // ENOSPC, EROFS: .NET on Linux has them in HResult.

    internal static bool IsExpected(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    internal static string Describe(Exception failure, string path) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        NamedPipeException => "this is a named pipe; a file is needed",
        FileTooLargeException => "it is too large",
        _ when Directory.Exists(path) => "this is a directory; a file is needed",
        UnauthorizedAccessException => "permission denied",
        { HResult: NoSpace } => "the disk is full",
        { HResult: ReadOnly } => "the file system is read-only",
        _ => $"error {failure.HResult}",
    };
}

/// <summary>More bytes than anybody writes by hand or has reason to.</summary>
internal sealed class FileTooLargeException : IOException;
