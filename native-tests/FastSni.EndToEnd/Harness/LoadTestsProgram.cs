using System.Diagnostics;

namespace FastSni.EndToEnd.Harness;

/// <summary>perf/FastSni.LoadTests as it was built beside these tests; it starts gateways of its own.</summary>
internal static class LoadTestsProgram
{
    /// <summary>Runs it to its end; skips the test where it is not built.</summary>
    /// <param name="command">`load` or `soak`.</param>
    public static async Task<(int ExitCode, string Output)> RunAsync(string command, IEnumerable<string> arguments, TimeSpan patience)
    {
        string folder = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/'))!);
        string program = Path.Combine(GatewayBinary.RepositoryRoot, "perf/FastSni.LoadTests/bin", folder, "net10.0/FastSni.LoadTests.dll");
        if (!File.Exists(program))
            Tool.GiveUp($"{program} is not built, so there was no {command}");
        ProcessStartInfo start = new("dotnet", [program, command, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().Within($"the {command} to end", patience);
            return (process.ExitCode, await output + await error);
        }
        finally
        {
            // At SIGTERM it ends what it has started; killed it would leave a gateway behind.
            if (!process.HasExited)
            {
                Posix.Send(Signal.Terminate, process.Id);
                await process.WaitForExitAsync().Within($"the {command} to end at SIGTERM", patience);
            }
        }
    }
}
