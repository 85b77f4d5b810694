namespace FastSni.Commands;

/// <summary>What the program's exit status says.</summary>
internal static class ExitCode
{
    internal const int Done = 0;

    /// <summary>The thing asked about is wrong: a configuration with errors, a gateway that could not start.</summary>
    internal const int Wrong = 1;

    internal const int Usage = 2;

    /// <summary>The gateway could not be reached.</summary>
    internal const int Unreachable = 3;
}
