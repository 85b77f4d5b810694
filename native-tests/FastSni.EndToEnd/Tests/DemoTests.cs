using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>`fastsni demo`: the first thing a newcomer runs must do what it prints.</summary>
[Collection(Alone.Name)]
public sealed class DemoTests
{
    private static readonly IPEndPoint[] Doors = [new(IPAddress.Loopback, 8443), new(IPAddress.Loopback, 8080), new(IPAddress.Loopback, 8081)];

    /// <summary>For every line that the demo prints, by its URL, what curl has to show.</summary>
    private static readonly Dictionary<string, string[]> Answers = new()
    {
        ["https://alpha.example.org:8443/"] = ["backend alpha saw 127.0.0.1:", "(PROXY v2) and got: GET / HTTP/1.1"],
        ["https://www.beta.example.net:8443/"] = ["backend beta saw ", "(PROXY v1) and got: GET / HTTP/1.1"],
        ["http://127.0.0.1:8081/"] = ["backend plain saw 127.0.0.1:", "(PROXY v1) and got: GET / HTTP/1.1"],
        ["https://gamma.example.com:8443/"] = ["backend gamma got: GET / HTTP/1.1", "  X-Real-IP: 127.0.0.1", "  X-Forwarded-Proto: https", "  Forwarded: for=127.0.0.1;"],
        ["https://unknown.example.com:8443/"] = ["404 Not Found"],
        ["http://alpha.example.org:8080/"] = ["backend alpha, port 80 got: GET / HTTP/1.1", "  X-Forwarded-For: 127.0.0.1", "  X-Forwarded-Proto: http\n"],
        ["http://gamma.example.com:8080/shop"] = ["HTTP/1.1 301 Moved Permanently", "Location: https://gamma.example.com:8443/shop"],
    };

    [SkippableFact]
    public async Task The_demo_prints_curl_lines_that_show_every_room_and_stops_in_order()
    {
        Tool.Require("curl");
        string binary = GatewayBinary.Path;
        foreach (IPEndPoint door in Doors)
            Skip.If(await IsTakenAsync(door), $"{door} is taken, and the demo's addresses are fixed");
        ProcessStartInfo start = new(binary, ["demo"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        try
        {
            ProgramLog log = new(process);
            await log.LineWithAsync("Ctrl+C stops the demo");
            string[] commands = [.. log.Lines.Select(line => line.Trim()).Where(line => line.StartsWith("curl ", StringComparison.Ordinal))];
            Assert.Equal(Answers.Keys.Order(), commands.Select(UrlOf).Order());
            foreach (string command in commands)
            {
                ToolResult result = await Tool.RunAsync("/bin/sh", ["-c", $"{command} --max-time 10 --silent --show-error"]);
                Assert.True(result.ExitCode == 0, $"{command}\nexit {result.ExitCode}\n{result.Output}\n{result.Error}\n{log.Tail}");
                Assert.All(Answers[UrlOf(command)], text => Assert.Contains(text, result.Output, StringComparison.Ordinal));
            }
            await log.LineWithAsync("route=passthrough:alpha");
            await log.LineWithAsync("route=offload:gamma");
            await log.LineWithAsync("route=redirect");
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

    private static string UrlOf(string command) => command.Split(' ')[^1];

    private static async Task<bool> IsTakenAsync(IPEndPoint door)
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await probe.ConnectAsync(door);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
