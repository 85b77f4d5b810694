using System.Net;
using FastSni.EndToEnd.Harness;
using Xunit.Abstractions;

namespace FastSni.EndToEnd.Tests;

/// <summary>Reloads under load: nobody is refused, reset or misled, whatever the reload changes.</summary>
[Collection(Alone.Name)]
public sealed class ReloadLoadTests(ITestOutputHelper output)
{
    private static readonly int Reloads = Scale.Of(16, 60), PerSecond = Scale.Of(200, 500);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(Scale.Of(500, 1000));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Reloads_under_a_steady_stream_of_clients_lose_none_in_any_room(int workers)
    {
        using House house = new(workers);
        using TestBackend other = TestBackend.Start("other"), echo = TestBackend.Start("echo", Scripts.EchoAsync, proxy: false);
        using HttpBackend app = HttpBackend.Start("app");
        GatewayConfig config = house.Config.Passthrough("echo", "echo.home.test", echo);
        await using Gateway gateway = await Gateway.StartAsync(config);
        using LongSession passed = await LongSession.OpenAsync(gateway.Https, "echo.home.test");
        using LongWebSocket tunnel = await LongWebSocket.OpenAsync(gateway.Https, House.OffloadedName);
        await using Traffic traffic = house.Visit(PerSecond);
        for (int number = 0; number < Reloads; number++)
        {
            await Task.Delay(Pause);
            // Every one changes something: routes, a certificate, limits, a listener.
            config.Without("passthrough:other").Without("listen:extra").Without("offload:new");
            if (number % 2 == 0)
                config.Passthrough("other", $"other.home.test, n{number}.home.test", other);
            if (number % 3 == 0)
                config.Listen("extra", "tls", Loopback.NextV4());
            if (number % 4 == 0)
                config.Offload("new", "new.home.test", app, TestCertificates.Shared.Authority.Issue("new.home.test"));
            config.Gateway("max-connections-per-client", number % 2 == 0 ? "500" : "0").Set("offload:app", "max-body", $"{number}M");
            await ReloadAsync(gateway, config);
            await passed.TalkAsync();
            await tunnel.TalkAsync();
        }
        output.WriteLine($"{workers} worker(s), {Reloads} reloads: {await traffic.EndAsync()}");
        gateway.AssertAlive();
    }

    /// <summary>On one worker that is busy with nothing, and through the kernel's queue: who has connected before the listener goes is served.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_listener_that_goes_first_serves_who_has_connected(int workers)
    {
        using TestBackend backend = TestBackend.Start("a");
        GatewayConfig config = GatewayConfig.Https(workers).Passthrough("a", "a.home.test", backend);
        await using Gateway gateway = await Gateway.StartAsync(config);
        for (int round = 0; round < Scale.Of(3, 20); round++)
        {
            IPEndPoint door = Loopback.NextV4();
            await ReloadAsync(gateway, config.Listen("extra", "tls", door));
            List<TestClient> queued = [];
            // Nobody takes them off the queue while the process stands still, and the reload waits behind them.
            gateway.Send(Signal.Stop);
            try
            {
                for (int i = 0; i < 100; i++)
                {
                    TestClient client = await TestClient.ConnectAsync(door);
                    queued.Add(client);
                    await client.SendAsync(HelloBytes.For("a.home.test"));
                }
                await gateway.ReloadAsync(config.Without("listen:extra"));
            }
            finally
            {
                gateway.Send(Signal.Continue);
            }
            foreach (TestClient client in queued)
            {
                Assert.Equal($"a {client.LocalEndPoint}", await client.ReceiveAnswerAsync());
                client.Dispose();
            }
            await Patience.UntilAsync(() => IsClosedAsync(door), () => $"the listener to close\n{gateway.Log.Tail}");
        }
    }

    [Fact]
    public async Task Keys_that_a_reload_cannot_change_are_named_and_wait_for_an_upgrade()
    {
        using TestBackend backend = TestBackend.Start("a");
        GatewayConfig config = GatewayConfig.Https(workers: 1).Passthrough("a", "a.home.test", backend);
        await using Gateway gateway = await Gateway.StartInstalledAsync(config);
        string state = Path.Combine(gateway.Directory, "state2"), socket = Path.Combine(gateway.Directory, "control2.sock");
        config.Gateway("workers", "2").Gateway("state-directory", state).Set("admin", "socket", socket).Set("passthrough:a", "names", "a.home.test, b.home.test");
        await File.WriteAllTextAsync(gateway.ConfigPath, config.Text(gateway.Directory));
        string oldSocket = Path.Combine(gateway.Directory, "control.sock");
        ToolResult reload = await FastSniCommand.RunAsync("reload", "--socket", oldSocket);
        reload.AssertSuccess();
        foreach (string key in new[] { "[gateway] workers", "[gateway] state-directory", "[admin] socket" })
        {
            Assert.Contains($"{key}: the new value waits for `fastsni upgrade` or a restart", reload.Error, StringComparison.Ordinal);
            await gateway.Log.LineWithAsync($"{key} has a new value");
        }
        Assert.Equal("a", await gateway.AskAsync("b.home.test"));
        Assert.Equal(1, await WorkersAsync(oldSocket));
        Assert.False(File.Exists(socket));

        (await FastSniCommand.RunAsync("upgrade", "--socket", oldSocket)).AssertSuccess();
        Assert.Equal(2, await WorkersAsync(socket));
        (await gateway.CommandAsync("ban", "192.0.2.7")).AssertSuccess();
        await Patience.UntilAsync(() => Directory.Exists(state) && Directory.GetFiles(state).Length > 0, () => "a file in the new state directory");
        await Patience.UntilAsync(() => !gateway.IsAlive, () => $"the first process to leave\n{gateway.Log.Tail}");
        Assert.Equal("a", await gateway.AskAsync("b.home.test"));
    }

    internal static async Task ReloadAsync(Gateway gateway, GatewayConfig config)
    {
        await File.WriteAllTextAsync(gateway.ConfigPath, config.Text(gateway.Directory));
        (await gateway.CommandAsync("reload")).AssertSuccess();
    }

    internal static async Task<bool> IsClosedAsync(IPEndPoint door)
    {
        try
        {
            (await TestClient.ConnectAsync(door)).Dispose();
            return false;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return true;
        }
    }

    private static async Task<int> WorkersAsync(string socket)
    {
        ToolResult status = await FastSniCommand.RunAsync("status", "--json", "--socket", socket);
        status.AssertSuccess();
        return System.Text.Json.JsonDocument.Parse(status.Output).RootElement.GetProperty("workers").GetInt32();
    }
}
