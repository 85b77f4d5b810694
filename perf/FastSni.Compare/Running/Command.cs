using System.Diagnostics;

namespace FastSni.Compare.Running;

/// <summary>Short programs run to their end.</summary>
internal static class Command
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The first line a program says, on either stream; its absence is no error.</summary>
    public static string FirstLine(CommandLine command) => Run(command).Output.Split('\n')[0].Trim();

    public static (int ExitCode, string Output) Run(CommandLine command)
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec \"$0\" \"$@\" 2>&1", command.Program, .. command.Arguments])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!output.Wait(Patience))
            process.Kill();
        process.WaitForExit();
        return (process.ExitCode, output.Result);
    }
}
