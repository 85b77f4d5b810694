using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>SIGUSR2: the program that is installed now takes over, and nobody is refused, reset or left.</summary>
[Collection(Alone.Name)]
public sealed class UpgradeTests
{
    private static readonly int Upgrades = Scale.Of(4, 20);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task No_client_is_lost_over_many_upgrades(int workers)
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartInstalledAsync(
            GatewayConfig.Https(workers).Gateway("drain-timeout", "5s").Passthrough("a", "a.home.test", backend));
        using CancellationTokenSource enough = new();
        Task<int>[] asking = [.. Enumerable.Range(0, 4).Select(_ => AskAsync(gateway, enough.Token))];
        for (int i = 0; i < Upgrades; i++)
        {
            gateway.Install(GatewayBinary.Path);
            await gateway.UpgradeAsync();
            await Task.Delay(100);
        }
        await enough.CancelAsync();
        int[] answers = await Task.WhenAll(asking);
        Assert.All(answers, count => Assert.True(count > Upgrades, $"only {count} answers over {Upgrades} upgrades"));
    }

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

    [Fact]
    public async Task A_new_program_that_fails_changes_nothing()
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync, proxy: false);
        await using Gateway gateway = await Gateway.StartInstalledAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        using TestClient client = await EchoingAsync(gateway);
        gateway.Install("/bin/false");
        Posix.Send(Signal.User2, gateway.ServingId);
        await gateway.Log.LineWithAsync("left with exit code 1 before it served");
        gateway.Install(gateway.ConfigPath);
        Posix.Send(Signal.User2, gateway.ServingId);
        await gateway.Log.LineWithAsync("can't be started");
        await client.SendAsync("still here");
        Assert.Equal("still here"u8.ToArray(), await client.ReceiveExactlyAsync(10));
        using TestClient another = await EchoingAsync(gateway);

        gateway.Install(GatewayBinary.Path);
        await gateway.UpgradeAsync();
        using TestClient last = await EchoingAsync(gateway);
    }

    private static async Task<int> AskAsync(Gateway gateway, CancellationToken enough)
    {
        int answers = 0;
        for (; !enough.IsCancellationRequested; answers++)
        {
            Assert.Equal("a", await gateway.AskAsync("a.home.test"));
            await Task.Delay(5, CancellationToken.None);
        }
        return answers;
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
