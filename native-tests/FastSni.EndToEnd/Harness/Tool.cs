using System.Diagnostics;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>How a program ended and what it said.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error)
{
    public void AssertSuccess() => Assert.True(ExitCode == 0, $"exit {ExitCode}\n{Output}\n{Error}");
}

/// <summary>Real programs of the system, and the gateway's own commands.</summary>
internal static class Tool
{
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/sbin"];

    /// <summary>The program's path. A missing one skips the test and says so; in CI, where everything is to be installed, it fails.</summary>
    public static string Require(string program)
    {
        string? path = Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        if (path is null)
            GiveUp($"{program} is not installed, so this test could not meet it");
        return path!;
    }

    /// <summary>Skips the test with the reason; in CI it fails.</summary>
    public static void GiveUp(string reason)
    {
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", reason);
        Skip.If(true, reason);
    }

    /// <summary>Runs to the end.</summary>
    /// <param name="input">Goes to standard input, which is then closed.</param>
    public static async Task<ToolResult> RunAsync(string path, IEnumerable<string> arguments, string? input = null, TimeSpan? within = null)
    {
        using Process process = Start(path, arguments);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (input is not null)
                await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync().Within($"{path} to end", within ?? Patience.Limit);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Says the input and listens until the output holds the wanted text; standard input stays open as long, as at a terminal.</summary>
    public static async Task<string> ConverseAsync(string path, IEnumerable<string> arguments, string input, string wanted)
    {
        using Process process = Start(path, arguments);
        StringBuilder heard = new();
        void Hear(string? line)
        {
            lock (heard)
                heard.AppendLine(line);
        }
        string Heard()
        {
            lock (heard)
                return heard.ToString();
        }
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.StandardInput.WriteAsync(input);
            await process.StandardInput.FlushAsync();
            // Waiting for the exit also waits for the last lines to be heard.
            Task exit = process.WaitForExitAsync();
            await Patience.UntilAsync(
                () => exit.IsCompleted || Heard().Contains(wanted, StringComparison.Ordinal), () => $"{path} to hear '{wanted}'\n{Heard()}");
            return Heard();
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static Process Start(string path, IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo(path, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
