using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>SIGTERM: sessions may finish, new ones are not taken, the exit is clean. And starts that can't be.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task A_gateway_without_sessions_stops_at_once_with_exit_code_0()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https(workers: 2).Gateway("drain-timeout", "60s").Passthrough("a", "a.home.test", backend));
        Assert.Equal("a", await gateway.AskAsync("a.home.test"));
        gateway.Send(Signal.Terminate);
        Assert.Equal(0, await gateway.ExitAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_session_in_flight_finishes_before_the_gateway_stops(int workers)
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync, proxy: false);
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https(workers).Gateway("drain-timeout", "60s").Passthrough("a", "a.home.test", backend));
        using TestClient client = await EchoingAsync(gateway);
        gateway.Send(Signal.Terminate);
        await Patience.UntilAsync(() => IsClosedAsync(gateway), () => $"the door to close\n{gateway.Log.Tail}");

        Assert.True(gateway.IsAlive);
        byte[] bulk = new Pattern(3).Bytes(500_000);
        Task sending = client.SendAsync(bulk);
        Assert.Equal(bulk, await client.ReceiveExactlyAsync(bulk.Length));
        await sending;
        client.ShutdownSend();
        Assert.Equal(Ending.Fin, (await client.ReceiveToEndAsync()).Ending);
        Assert.Equal(0, await gateway.ExitAsync());
        Assert.Equal("complete", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
    }

    [Fact]
    public async Task A_session_that_outlives_the_drain_timeout_is_closed_as_drained()
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync, proxy: false);
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Gateway("drain-timeout", "1s").Passthrough("a", "a.home.test", backend));
        using TestClient client = await EchoingAsync(gateway);
        gateway.Send(Signal.Terminate);
        Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
        Assert.Equal(0, await gateway.ExitAsync());
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Equal("drained", line.End);
        Assert.True(line.Duration >= TimeSpan.FromSeconds(1), $"{line.Duration}");
    }

    [Fact]
    public async Task A_second_SIGTERM_stops_at_once()
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync, proxy: false);
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Gateway("drain-timeout", "10m").Passthrough("a", "a.home.test", backend));
        using TestClient client = await EchoingAsync(gateway);
        gateway.Send(Signal.Terminate);
        await Patience.UntilAsync(() => IsClosedAsync(gateway), () => $"the door to close\n{gateway.Log.Tail}");
        Assert.True(gateway.IsAlive);
        gateway.Send(Signal.Terminate);
        await gateway.ExitAsync(TimeSpan.FromSeconds(10));
        Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
    }

    [Fact]
    public async Task A_killed_gateway_leaves_nothing_that_hinders_the_next_start()
    {
        using TestBackend backend = TestBackend.Start("a");
        GatewayConfig config = GatewayConfig.Https().Passthrough("a", "a.home.test", backend);
        await using (Gateway first = await Gateway.StartAsync(config))
        {
            using TestClient client = await first.ConnectAsync();
            Assert.Equal($"a {client.LocalEndPoint}", await client.AskAsync("a.home.test"));
            first.Send(Signal.Kill);
            await first.ExitAsync();
            Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
        }
        await using Gateway second = await Gateway.StartAsync(config);
        Assert.Equal("a", await second.AskAsync("a.home.test"));
    }

    [Fact]
    public async Task A_start_with_a_broken_file_fails_and_names_the_place()
    {
        ToolResult result = await FastSniCommand.OverAsync("[gateway]\nlog = stdout\nworkers = many\n", ["run"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("fastsni.ini:3: [gateway] workers:", result.Error + result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_on_an_address_that_is_taken_fails_and_names_it()
    {
        using TestBackend squatter = TestBackend.Start("squatter");
        GatewayConfig config = new GatewayConfig()
            .Listen("https", "tls", (System.Net.IPEndPoint)squatter.EndPoint).Passthrough("a", "a.home.test", "127.0.0.1:9")
            .Gateway("access-log", "off");
        ToolResult result = await FastSniCommand.OverAsync(config.Text(Path.GetTempPath().TrimEnd('/')), ["run"]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(squatter.Address, result.Error + result.Output, StringComparison.Ordinal);
    }

    private static async Task<TestClient> EchoingAsync(Gateway gateway)
    {
        TestClient client = await gateway.ConnectAsync();
        byte[] hello = HelloBytes.For("a.home.test");
        await client.SendAsync(hello);
        Assert.Equal(hello, await client.ReceiveExactlyAsync(hello.Length));
        return client;
    }

    /// <summary>Nobody is listening any more.</summary>
    private static async Task<bool> IsClosedAsync(Gateway gateway)
    {
        try
        {
            (await gateway.ConnectAsync()).Dispose();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
