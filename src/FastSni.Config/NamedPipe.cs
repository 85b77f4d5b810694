using FastSni.Linux;

namespace FastSni.Config;

/// <summary>Where open(2) would wait until somebody writes, maybe for ever: a pipe with a name of its own.</summary>
public static class NamedPipe
{
    // What a shell hands over (`<(…)`, /dev/stdin) has a writer already.
    public static bool IsAt(string path) => !path.StartsWith("/dev/", StringComparison.Ordinal) && LogFile.IsPipe(path);
}

/// <summary>Thrown in the stead of opening one.</summary>
public sealed class NamedPipeException : IOException;
