using FastSni.Config;

namespace FastSni.Hosting;

/// <summary>Why a file of ours can't be opened, in the operator's words: the published program carries no exception messages (UseSystemResourceKeys).</summary>
internal static class FileTrouble
{
    /// <summary>What opening and writing a file throw when the file is to blame.</summary>
    internal static bool IsExpected(Exception failure) => failure is IOException or UnauthorizedAccessException;

    internal static string Describe(Exception failure, string path) => failure switch
    {
        NamedPipeException => $"{path}: a file is needed, and this is none",
        DirectoryNotFoundException => $"{path}: no such directory: it must be there before the log is",
        _ when Directory.Exists(path) => $"{path}: is a directory: the path of a file is needed",
        UnauthorizedAccessException => $"{path}: permission denied: the service user must be able to write there",
        _ => $"{path}: it could not be opened (error {failure.HResult})",
    };
}
