using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>SIGUSR2: the program that is installed now takes over, and nobody is refused, reset or left.</summary>
[Collection(Alone.Name)]
public sealed class UpgradeTests
{
    [Fact]
    public async Task A_session_goes_on_over_an_upgrade()
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync, proxy: false);
        await using Gateway gateway = await Gateway.StartInstalledAsync(
            GatewayConfig.Https().Gateway("drain-timeout", "60s").Passthrough("a", "a.home.test", backend));
        using TestClient client = await EchoingAsync(gateway);
        await gateway.UpgradeAsync();
        byte[] bulk = new Pattern(3).Bytes(500_000);
        Task sending = client.SendAsync(bulk);
        Assert.Equal(bulk, await client.ReceiveExactlyAsync(bulk.Length));
        await sending;
        client.ShutdownSend();
        Assert.Equal(Ending.Fin, (await client.ReceiveToEndAsync()).Ending);
        Assert.Equal("complete", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
        await Patience.UntilAsync(() => !gateway.IsAlive, () => $"the first process to leave\n{gateway.Log.Tail}");
    }

    [Fact]
    public async Task A_session_that_outlives_the_drain_timeout_is_closed_as_drained()
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync, proxy: false);
        await using Gateway gateway = await Gateway.StartInstalledAsync(
            GatewayConfig.Https().Gateway("drain-timeout", "1s").Passthrough("a", "a.home.test", backend));
        using TestClient client = await EchoingAsync(gateway);
        await gateway.UpgradeAsync();
        Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
        Assert.Equal("drained", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
    }

    /// <summary>In the HTTP rooms an idle connection is closed as soon as a process stops; but these are not idle, they have only just come.</summary>
    [Fact]
    public async Task Clients_that_have_only_just_come_are_served_by_the_process_that_leaves()
    {
        using House house = new(workers: 2);
        await using Gateway gateway = await Gateway.StartInstalledAsync(house.Config.Gateway("drain-timeout", "60s"));
        System.Net.IPEndPoint http = gateway.Config.EndPoint("http");
        await using TlsClient shaken = await TlsClient.ConnectAsync(gateway.Https, House.OffloadedName);
        using TestClient asking = await TestClient.ConnectAsync(http), greeting = await gateway.ConnectAsync();
        await asking.SendAsync("GET /x HTT");
        GatedStream? gated = null;
        Task<TlsClient> shaking = TlsClient.ConnectAsync(gateway.Https, new TlsWish(House.OffloadedName) { Wire = stream => gated = new GatedStream(stream) });
        byte[] hello = HelloBytes.For(House.PassedName);
        await greeting.SendAsync(hello.AsMemory(0, 20));
        await Patience.UntilAsync(async () => await SessionsAsync(gateway) == 4, () => $"four sessions\n{gateway.Log.Tail}");

        await gateway.UpgradeAsync();
        await gateway.Log.LineWithAsync("draining: no new clients");
        Assert.Equal(200, (await shaken.GetAsync(House.OffloadedName, "/x")).Status);
        gated!.Open();
        await using TlsClient late = await shaking;
        Assert.Equal(200, (await late.GetAsync(House.OffloadedName, "/x")).Status);
        await asking.SendAsync($"P/1.1\r\nHost: {House.PassedName}\r\n\r\n");
        Assert.Equal("HTTP/1.1 200 Words\r", await asking.ReceiveLineAsync());
        await greeting.SendAsync(hello.AsMemory(20));
        Assert.Equal($"a {greeting.LocalEndPoint}", await greeting.ReceiveAnswerAsync());
    }

    [Fact]
    public async Task Tunnels_of_the_HTTP_rooms_go_on_and_end_with_the_drain_timeout()
    {
        using House house = new(workers: 1);
        await using Gateway gateway = await Gateway.StartInstalledAsync(house.Config.Gateway("drain-timeout", "4s"));
        using LongWebSocket tunnel = await LongWebSocket.OpenAsync(gateway.Https, House.OffloadedName);
        await gateway.UpgradeAsync();
        await tunnel.TalkAsync();
        Assert.True(await tunnel.EndsAsync());
        Assert.Equal(0, await gateway.ExitAsync());
        await gateway.Log.LineWithAsync("stopped: ");
    }

    [Fact]
    public async Task Bans_and_drains_go_over_and_a_new_ban_reaches_sessions_of_the_old_process()
    {
        using TestBackend echo = TestBackend.Start("echo", Scripts.EchoAsync, proxy: false), away = TestBackend.Start("away");
        await using Gateway gateway = await Gateway.StartInstalledAsync(GatewayConfig.Https().Gateway("drain-timeout", "60s")
            .Set("listen:https", "accept-proxy", "accept").Set("listen:https", "trusted-proxies", "127.0.0.0/8")
            .Passthrough("a", "a.home.test", echo).Passthrough("b", "b.home.test", away));
        (await gateway.CommandAsync("ban", "192.0.2.7", "--reason", "before")).AssertSuccess();
        (await gateway.CommandAsync("drain", "passthrough:b")).AssertSuccess();
        Assert.NotEqual("away", await gateway.AskAsync("b.home.test"));
        using TestClient good = await ProxiedAsync(gateway, "192.0.2.9"), bad = await ProxiedAsync(gateway, "192.0.2.8");

        (await gateway.CommandAsync("upgrade")).AssertSuccess();
        Assert.Contains("192.0.2.7", (await gateway.CommandAsync("bans")).Output, StringComparison.Ordinal);
        Assert.NotEqual("away", await gateway.AskAsync("b.home.test"));
        (await gateway.CommandAsync("undrain", "passthrough:b")).AssertSuccess();
        Assert.Equal("away", await gateway.AskAsync("b.home.test"));

        (await gateway.CommandAsync("ban", "192.0.2.8")).AssertSuccess();
        Assert.NotEqual(Ending.Open, (await bad.ReceiveToEndAsync()).Ending);
        await Patience.UntilAsync(
            () => gateway.AccessLog.Lines.Any(line => line.End == "banned" && line.Client.StartsWith("192.0.2.8:", StringComparison.Ordinal)), () => $"its line\n{gateway.Log.Tail}");
        await good.SendAsync("still here");
        Assert.Equal("still here"u8.ToArray(), await good.ReceiveExactlyAsync(10));
    }

    private static async Task<TestClient> ProxiedAsync(Gateway gateway, string address)
    {
        TestClient client = await gateway.ConnectAsync();
        byte[] hello = HelloBytes.For("a.home.test");
        await client.SendAsync((byte[])[.. System.Text.Encoding.ASCII.GetBytes($"PROXY TCP4 {address} 192.0.2.1 40000 443\r\n"), .. hello]);
        Assert.Equal(hello, await client.ReceiveExactlyAsync(hello.Length));
        return client;
    }

    private static async Task<int> SessionsAsync(Gateway gateway)
    {
        ToolResult status = await gateway.CommandAsync("status", "--json");
        status.AssertSuccess();
        return System.Text.Json.JsonDocument.Parse(status.Output).RootElement.GetProperty("sessions").GetInt32();
    }

    private static async Task<TestClient> EchoingAsync(Gateway gateway)
    {
        TestClient client = await gateway.ConnectAsync();
        byte[] hello = HelloBytes.For("a.home.test");
        await client.SendAsync(hello);
        Assert.Equal(hello, await client.ReceiveExactlyAsync(hello.Length));
        return client;
    }
}
