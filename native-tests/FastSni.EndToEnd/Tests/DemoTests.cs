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
            (string Command, bool IsRefused)[] lines = [.. log.Lines.Select(CurlOf).OfType<(string, bool)>()];
            Assert.Contains(lines, line => !line.IsRefused);
            foreach ((string command, bool isRefused) in lines)
            {
                ToolResult result = await Tool.RunAsync("/bin/sh", ["-c", $"{command} --max-time 10 --silent --show-error"]);
                // 35: curl could not make its handshake.
                Assert.True(result.ExitCode == (isRefused ? 35 : 0), $"{command}\nexit {result.ExitCode}\n{result.Output}\n{result.Error}");
                Assert.Equal(isRefused, result.Output.Length == 0);
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

    /// <summary>`curl …`, perhaps with a remark in brackets well behind it, which says so if the client is to be refused.</summary>
    private static (string Command, bool IsRefused)? CurlOf(string line)
    {
        string trimmed = line.TrimStart(' ', '\t', '$');
        if (!trimmed.StartsWith("curl ", StringComparison.Ordinal))
            return null;
        int remark = trimmed.IndexOf("  (", StringComparison.Ordinal);
        return remark < 0 ? (trimmed, false) : (trimmed[..remark], trimmed[remark..].Contains("refused", StringComparison.Ordinal));
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
