using System.Diagnostics;
using System.Net;
using FastSni.EndToEnd.Harness;
using Xunit.Abstractions;

namespace FastSni.EndToEnd.Tests;

/// <summary>kill -9, a plain restart, a backend that stands still, and starts where somebody listens already.</summary>
[Collection(Alone.Name)]
public sealed class CrashTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_gateway_killed_in_mid_traffic_starts_again_in_its_own_directory()
    {
        using House house = new(workers: 2);
        GatewayConfig config = house.Config.Set("admin", "address", Loopback.NextV4().ToString());
        await using Gateway first = await Gateway.StartAsync(config);
        (await first.CommandAsync("ban", "192.0.2.7")).AssertSuccess();
        await Patience.UntilAsync(() => File.Exists(Path.Combine(first.Directory, "state", "bans")), () => "the ban to be written");
        await using (Traffic traffic = house.Visit(100))
        {
            await traffic.GoOnAsync();
            first.Send(Signal.Kill);
            await first.ExitAsync();
        }
        Assert.True(File.Exists(Path.Combine(first.Directory, "control.sock")));
        await using Gateway second = await Gateway.StartInAsync(first.Directory, config);
        Assert.Equal("a", await second.AskAsync(House.PassedName));
        Assert.Contains("192.0.2.7", (await second.CommandAsync("bans")).Output, StringComparison.Ordinal);
        second.Send(Signal.Terminate);
        Assert.Equal(0, await second.ExitAsync());
        Assert.False(File.Exists(Path.Combine(first.Directory, "control.sock")));
        Assert.Equal(3, (await FastSniCommand.RunAsync("status", "--config", first.ConfigPath)).ExitCode);
    }

    /// <summary>What an upgrade spares its clients. The figure is for the documentation; how fast a machine is proves nothing.</summary>
    [Fact]
    public async Task A_plain_restart_has_a_gap()
    {
        using TestBackend backend = TestBackend.Start("a");
        GatewayConfig config = GatewayConfig.Https().Passthrough("a", "a.home.test", backend);
        await using Gateway first = await Gateway.StartAsync(config);
        Assert.Equal("a", await first.AskAsync("a.home.test"));
        first.Send(Signal.Terminate);
        await Patience.UntilAsync(() => ReloadLoadTests.IsClosedAsync(first.Https), () => "the door to close");
        long closed = Stopwatch.GetTimestamp();
        Assert.Equal(0, await first.ExitAsync());
        await using Gateway second = await Gateway.StartInAsync(first.Directory, config);
        Assert.Equal("a", await second.AskAsync("a.home.test"));
        output.WriteLine($"nobody served for {Stopwatch.GetElapsedTime(closed).TotalMilliseconds:F0} ms");
    }

    [Fact]
    public async Task A_backend_that_stands_still_does_not_slow_down_others()
    {
        using TestBackend backend = TestBackend.Start("a");
        // A program of its own, for only a process can stand still: the kernel goes on accepting for it.
        IPEndPoint at = Loopback.NextV4();
        using Process frozen = Process.Start(new ProcessStartInfo(
            Tool.Require("python3"), ["-c", $"import socket,time; s=socket.create_server(('{at.Address}',{at.Port})); c=[]\nwhile 1: c.append(s.accept())"]))!;
        try
        {
            await Patience.UntilAsync(async () => !await ReloadLoadTests.IsClosedAsync(at), () => "the other backend to listen");
            await using Gateway gateway = await Gateway.StartAsync(
                GatewayConfig.Https().Passthrough("a", "a.home.test", backend).Passthrough("frozen", "frozen.home.test", at.ToString()));
            double before = await MedianAsync(gateway);
            Posix.Send(Signal.Stop, frozen.Id);
            TestClient[] stuck = await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
            {
                TestClient client = await gateway.ConnectAsync();
                await client.SendAsync(HelloBytes.For("frozen.home.test"));
                return client;
            }));
            double during = await MedianAsync(gateway);
            output.WriteLine($"median {before:F2} ms, beside a backend that stands still {during:F2} ms");
            Assert.True(during < (before * 20) + 100, $"{before} ms, and {during} ms beside a backend that stands still");
            foreach (TestClient client in stuck)
                client.Dispose();
        }
        finally
        {
            frozen.Kill();
        }
    }

    [Fact]
    public async Task A_second_gateway_on_the_address_of_a_first_is_refused_and_names_it()
    {
        using TestBackend backend = TestBackend.Start("a");
        GatewayConfig config = GatewayConfig.Https(workers: 2).Passthrough("a", "a.home.test", backend);
        await using Gateway first = await Gateway.StartAsync(config);
        string other = Directory.CreateTempSubdirectory("fastsni-e2e-other-").FullName;
        try
        {
            string file = Path.Combine(other, "fastsni.ini");
            await File.WriteAllTextAsync(file, config.Text(other));
            ToolResult run = await FastSniCommand.RunAsync("run", "--config", file);
            Assert.Equal(1, run.ExitCode);
            Assert.Matches($@"\[listen:https\] address: {first.Https}: already in use by .*fastsni.*{first.ProcessId}", run.Error);
            // The first has not lost one client to it.
            for (int i = 0; i < 20; i++)
                Assert.Equal("a", await first.AskAsync("a.home.test"));
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    [Fact]
    public async Task Another_program_on_an_address_is_named_at_start_and_at_a_reload()
    {
        using TestBackend backend = TestBackend.Start("a"), squatter = TestBackend.Start("squatter");
        IPEndPoint taken = (IPEndPoint)squatter.EndPoint;
        GatewayConfig config = GatewayConfig.Https().Passthrough("a", "a.home.test", backend);
        await using Gateway gateway = await Gateway.StartAsync(config);
        await File.WriteAllTextAsync(gateway.ConfigPath, config.Listen("extra", "tls", taken).Text(gateway.Directory));
        ToolResult reload = await gateway.CommandAsync("reload");
        Assert.Equal(1, reload.ExitCode);
        Assert.Contains($"[listen:extra] address: {taken}: already in use by", reload.Error, StringComparison.Ordinal);
        Assert.Contains($"{Environment.ProcessId}", reload.Error, StringComparison.Ordinal);
        Assert.Equal("a", await gateway.AskAsync("a.home.test"));
        ToolResult run = await FastSniCommand.RunAsync("run", "--config", gateway.ConfigPath);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("already in use by", run.Error, StringComparison.Ordinal);
    }

    private static async Task<double> MedianAsync(Gateway gateway)
    {
        List<double> times = [];
        for (int i = 0; i < 200; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Assert.Equal("a", await gateway.AskAsync("a.home.test"));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        times.Sort();
        return times[times.Count / 2];
    }
}
