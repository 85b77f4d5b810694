using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Each word of the access log's `end` that this version can say, brought about by what it stands for.</summary>
public sealed class EndReasonTests
{
    [Fact]
    public async Task Complete_is_said_when_both_sides_ended_in_order()
    {
        await using Stage stage = await Stage.StartAsync();
        using TestClient client = await stage.AskedAsync();
        client.ShutdownSend();
        await client.ReceiveToEndAsync();
        await stage.AssertEndAsync(client, "complete");
    }

    [Fact]
    public async Task Client_reset_is_said_when_the_client_breaks_off()
    {
        await using Stage stage = await Stage.StartAsync();
        using TestClient client = await stage.AskedAsync();
        client.Abort();
        await stage.AssertEndAsync(client, "client-reset");
    }

    [Fact]
    public async Task Backend_reset_is_said_when_the_backend_breaks_off()
    {
        await using Stage stage = await Stage.StartAsync(script: async session =>
        {
            await session.ReceiveExactlyAsync(1);
            session.Abort();
        });
        using TestClient client = await stage.Gateway.ConnectAsync();
        Assert.Equal("reset", await client.AskAsync("a.home.test"));
        await stage.AssertEndAsync(client, "backend-reset");
    }

    [Fact]
    public async Task Client_silent_is_said_when_one_side_ended_and_the_other_says_nothing()
    {
        await using Stage stage = await Stage.StartAsync(config => config.Gateway("half-close-timeout", "1s"), Scripts.HoldAsync);
        using TestClient client = await stage.Gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For("a.home.test"));
        client.ShutdownSend();
        await stage.AssertEndAsync(client, "client-silent");
    }

    [Fact]
    public async Task Idle_is_said_when_no_byte_moved_either_way()
    {
        await using Stage stage = await Stage.StartAsync(config => config.Gateway("idle-timeout", "1s"));
        using TestClient client = await stage.AskedAsync();
        Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
        AccessLogLine line = await stage.AssertEndAsync(client, "idle");
        Assert.True(line.Duration >= TimeSpan.FromSeconds(1), $"{line.Duration}");
    }

    [Fact]
    public async Task A_session_in_which_bytes_move_is_not_idle()
    {
        await using Stage stage = await Stage.StartAsync(config => config.Gateway("idle-timeout", "2s"), Scripts.EchoAsync);
        using TestClient client = await stage.Gateway.ConnectAsync();
        byte[] hello = HelloBytes.For("a.home.test");
        await client.SendAsync(hello);
        await client.ReceiveExactlyAsync(hello.Length);
        for (int beat = 0; beat < 7; beat++)
        {
            await Task.Delay(500);
            await client.SendAsync("x");
            await client.ReceiveExactlyAsync(1);
        }
        client.ShutdownSend();
        AccessLogLine line = await stage.AssertEndAsync(client, "complete");
        Assert.True(line.Duration > TimeSpan.FromSeconds(3), $"{line.Duration}");
    }

    [Fact]
    public async Task Client_limit_is_said_to_the_one_client_too_many_and_the_place_is_free_again_afterwards()
    {
        await using Stage stage = await Stage.StartAsync(config => config.Gateway("max-connections-per-client", "3"));
        System.Net.IPAddress from = Loopback.NextAddress();
        List<TestClient> held = [];
        for (int number = 0; number < 3; number++)
            held.Add(await stage.AskedAsync(from));
        using TestClient fourth = await stage.Gateway.ConnectAsync(from), stranger = await stage.Gateway.ConnectAsync();
        await fourth.TrySendAsync(HelloBytes.For("a.home.test"));
        Assert.NotEqual(Ending.Open, (await fourth.ReceiveToEndAsync()).Ending);
        await stage.AssertEndAsync(fourth, "client-limit");
        Assert.Equal($"a {stranger.LocalEndPoint}", await stranger.AskAsync("a.home.test"));

        held[0].Dispose();
        await stage.Gateway.AccessLog.LineOfAsync(held[0].LocalEndPoint);
        (await stage.AskedAsync(from)).Dispose();
        held.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Connection_limit_is_said_when_the_house_is_full_and_the_place_is_free_again_afterwards()
    {
        await using Stage stage = await Stage.StartAsync(config => config.Gateway("max-connections", "3"));
        List<TestClient> held = [];
        for (int number = 0; number < 3; number++)
            held.Add(await stage.AskedAsync());
        using TestClient fourth = await stage.Gateway.ConnectAsync();
        await fourth.TrySendAsync(HelloBytes.For("a.home.test"));
        Assert.NotEqual(Ending.Open, (await fourth.ReceiveToEndAsync()).Ending);
        await stage.AssertEndAsync(fourth, "connection-limit");

        held[0].Dispose();
        await stage.Gateway.AccessLog.LineOfAsync(held[0].LocalEndPoint);
        (await stage.AskedAsync()).Dispose();
        held.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_client_with_too_many_unfinished_hellos_is_turned_away_and_nobody_else()
    {
        await using Stage stage = await Stage.StartAsync(
            config => config.Gateway("max-pending-hellos-per-client", "5").Gateway("hello-timeout", "60s"));
        System.Net.IPAddress from = Loopback.NextAddress();
        byte[] beginning = HelloBytes.For("a.home.test")[..20];
        List<TestClient> pending = [];
        for (int number = 0; number < 5; number++)
        {
            pending.Add(await stage.Gateway.ConnectAsync(from));
            await pending[^1].SendAsync(beginning);
        }
        await Task.Delay(300);
        using TestClient sixth = await stage.Gateway.ConnectAsync(from);
        await sixth.TrySendAsync(beginning);
        Assert.NotEqual(Ending.Open, (await sixth.ReceiveToEndAsync()).Ending);
        await stage.AssertEndAsync(sixth, "client-limit");
        (await stage.AskedAsync()).Dispose();
        pending.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task No_backend_is_said_when_the_host_name_has_no_address()
    {
        // The resolver is told to give up soon, where one is asked at all.
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Passthrough("a", "a.home.test", "nowhere.invalid:443"), environment: ("RES_OPTIONS", "timeout:1 attempts:1"));
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For("a.home.test"));
        Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Equal(("no-backend", "passthrough:a"), (line.End, line.Route));
    }

    // hello-timeout, hello-too-large, hello-malformed, not-tls, no-name, unknown-name and proxy-header: RefusalTests and HelloSizeTests.
    // connect-refused and connect-timeout: BackendFailureTests. drained: StopTests. The rest belongs to rooms this version has not.
    private sealed class Stage(Gateway gateway, TestBackend backend) : IAsyncDisposable
    {
        public Gateway Gateway { get; } = gateway;

        public static async Task<Stage> StartAsync(Func<GatewayConfig, GatewayConfig>? more = null, Func<BackendSession, Task>? script = null)
        {
            TestBackend backend = TestBackend.Start("a", script);
            GatewayConfig config = GatewayConfig.Https().Passthrough("a", "a.home.test", backend);
            return new(await Gateway.StartAsync(more is null ? config : more(config)), backend);
        }

        /// <summary>A client that has been answered and stays.</summary>
        public async Task<TestClient> AskedAsync(System.Net.IPAddress? from = null)
        {
            TestClient client = await Gateway.ConnectAsync(from);
            Assert.Equal($"a {client.LocalEndPoint}", await client.AskAsync("a.home.test"));
            return client;
        }

        public async Task<AccessLogLine> AssertEndAsync(TestClient client, string end)
        {
            AccessLogLine line = await Gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
            Assert.Equal(end, line.End);
            return line;
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            backend.Dispose();
        }
    }
}
