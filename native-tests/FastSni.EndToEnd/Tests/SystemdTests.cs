using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>What passes between the gateway and systemd: notifications, and sockets that it opened.</summary>
[Collection(Alone.Name)]
public sealed class SystemdTests
{
    [Fact]
    public async Task Systemd_hears_of_every_change_in_order()
    {
        using TestBackend backend = TestBackend.Start("a");
        using NotifySocket notify = new();
        await using Gateway gateway = await Gateway.StartInstalledAsync(
            GatewayConfig.Https().Passthrough("a", "a.home.test", backend), ("NOTIFY_SOCKET", notify.Path));
        await notify.UntilAsync("READY=1");
        (await gateway.CommandAsync("reload")).AssertSuccess();
        await notify.UntilAsync("READY=1", "RELOADING=1", "READY=1");
        gateway.Install("/bin/false");
        Assert.Equal(1, (await gateway.CommandAsync("upgrade")).ExitCode);
        await notify.UntilAsync("READY=1", "RELOADING=1", "READY=1");

        gateway.Install(GatewayBinary.Path);
        (await gateway.CommandAsync("upgrade")).AssertSuccess();
        Assert.Equal(0, await gateway.ExitAsync());
        // The new process is the service before it says that it is ready, and nobody says that the service stops.
        await notify.UntilAsync("READY=1", "RELOADING=1", "READY=1", $"MAINPID={gateway.ServingId}", "READY=1");
        gateway.Send(Signal.Terminate);
        await notify.UntilAsync("READY=1", "RELOADING=1", "READY=1", $"MAINPID={gateway.ServingId}", "READY=1", "STOPPING=1");
    }

    [SkippableFact]
    public async Task Sockets_of_systemd_are_used_and_go_over_an_upgrade()
    {
        string activate = Tool.Require("systemd-socket-activate");
        using TestBackend backend = TestBackend.Start("a");
        GatewayConfig config = GatewayConfig.Https(workers: 2).Passthrough("a", "a.home.test", backend);
        IPEndPoint https = config.EndPoint("https"), unused = Loopback.NextV4();
        Task<string>? first = null;
        // It starts the program for the first client, who waits in the queue.
        await using Gateway gateway = await Gateway.StartByAsync(config, [activate, "-l", https.ToString(), "-l", unused.ToString()], async () =>
        {
            TestClient client = null!;
            await Patience.UntilAsync(async () => (client = (await TryConnectAsync(https))!) is not null, () => "systemd-socket-activate to listen");
            first = client.AskAsync("a.home.test");
        });
        Assert.StartsWith("a ", await first!, StringComparison.Ordinal);
        Assert.Contains(gateway.Log.Lines, line => line.Contains("2 listening socket(s) taken over from systemd", StringComparison.Ordinal));
        for (int upgrade = 0; upgrade < 2; upgrade++)
        {
            for (int run = 0; run < 10; run++)
                Assert.Equal("a", await gateway.AskAsync("a.home.test"));
            await gateway.UpgradeAsync();
        }
        Assert.Equal("a", await gateway.AskAsync("a.home.test"));
        Assert.True(await ReloadLoadTests.IsClosedAsync(unused));
    }

    [Fact]
    public async Task A_descriptor_that_is_of_no_use_stays_with_the_process_it_was_given_to()
    {
        using TestBackend backend = TestBackend.Start("a");
        GatewayConfig config = GatewayConfig.Https().Passthrough("a", "a.home.test", backend);
        string[] starter = ["/bin/bash", "-c", "exec 3<>/dev/udp/127.0.0.1/9; export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$@\"", "bash"];
        await using Gateway gateway = await Gateway.StartByAsync(config, starter, () => Task.CompletedTask);
        await gateway.Log.LineWithAsync("descriptor 3 was handed over as a listening socket, but is none that can be used");
        string link = new FileInfo($"/proc/{gateway.ProcessId}/fd/3").LinkTarget!;
        Assert.StartsWith("socket:", link, StringComparison.Ordinal);
        await gateway.UpgradeAsync();
        Assert.DoesNotContain(Directory.GetFiles($"/proc/{gateway.ServingId}/fd"), path => new FileInfo(path).LinkTarget == link);
        Assert.Equal("a", await gateway.AskAsync("a.home.test"));
    }

    private static async Task<TestClient?> TryConnectAsync(IPEndPoint listener)
    {
        try
        {
            return await TestClient.ConnectAsync(listener);
        }
        catch (System.Net.Sockets.SocketException)
        {
            return null;
        }
    }
}
