using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>`fastsni demo`: the first thing a newcomer runs must do what it prints.</summary>
[Collection(Alone.Name)]
public sealed class DemoTests
{
    private static readonly IPEndPoint Door = new(IPAddress.Loopback, 8443);

    [SkippableFact]
    public async Task The_demo_prints_curl_lines_that_work_and_stops_in_order()
    {
        Tool.Require("curl");
        string binary = GatewayBinary.Path;
        Skip.If(await IsTakenAsync(), $"{Door} is taken, and the demo's address is fixed");
        ProcessStartInfo start = new(binary, ["demo"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        try
        {
            ProgramLog log = new(process);
            await log.LineAsync(line => CurlOf(line) is not null, "a curl line to try");
            await Patience.UntilAsync(IsTakenAsync, () => $"the demo to listen\n{log.Tail}");
            await Task.Delay(300);
            string[] lines = [.. log.Lines.Select(CurlOf).OfType<string>()];
            foreach (string line in lines)
            {
                ToolResult result = await Tool.RunAsync("/bin/sh", ["-c", $"{line} --max-time 10 --silent --show-error"]);
                Assert.True(result.ExitCode == 0, $"{line}\nexit {result.ExitCode}\n{result.Output}\n{result.Error}");
                Assert.NotEqual("", result.Output);
            }
            Posix.Send(Signal.Terminate, process.Id);
            await process.WaitForExitAsync().Within("the demo to stop");
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static string? CurlOf(string line)
    {
        string trimmed = line.TrimStart(' ', '\t', '$');
        return trimmed.StartsWith("curl ", StringComparison.Ordinal) ? trimmed.TrimEnd() : null;
    }

    private static async Task<bool> IsTakenAsync()
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await probe.ConnectAsync(Door);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
