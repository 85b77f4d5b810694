using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Sessions that are merely open.</summary>
[Collection(Alone.Name)]
public sealed class IdleCostTests
{
    private const int Sessions = 300;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Idle_sessions_cost_two_descriptors_each_no_pipe_and_no_CPU(int workers)
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers).Passthrough("a", "a.home.test", backend));
        await Task.Delay(300);
        (int descriptors, int pipes, int threads) = (gateway.Facts.Descriptors, gateway.Facts.PipeEnds, gateway.Facts.Threads);

        TestClient[] clients = await OpenAsync(gateway, Sessions);
        await Task.Delay(500);
        Assert.InRange(gateway.Facts.Descriptors - descriptors, 2 * Sessions, (2 * Sessions) + 4);
        Assert.Equal(pipes, gateway.Facts.PipeEnds);
        Assert.InRange(gateway.Facts.Threads, threads - 2, threads + 2);
        await gateway.Facts.AssertRestsAsync(ticks: 1, TimeSpan.FromSeconds(2));

        foreach (TestClient client in clients)
            client.Dispose();
        await gateway.Facts.DescriptorsBackToAsync(descriptors);
    }

    [Fact]
    public async Task Sessions_that_moved_much_and_then_fell_idle_hold_no_pipe_either()
    {
        const int Busy = 40;
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync);
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        int pipes = gateway.Facts.PipeEnds;
        byte[] bulk = new Pattern(9).Bytes(2 << 20);
        List<TestClient> clients = [];
        for (int number = 0; number < Busy; number++)
        {
            TestClient client = await gateway.ConnectAsync();
            clients.Add(client);
            byte[] hello = HelloBytes.For("a.home.test");
            await client.SendAsync(hello);
            Task sending = client.SendAsync(bulk);
            byte[] echoed = await client.ReceiveExactlyAsync(hello.Length + bulk.Length);
            await sending;
            Assert.Equal(-1, new Pattern(9).FirstDifference(0, echoed.AsSpan(hello.Length)));
        }
        await Task.Delay(300);
        // One after another they needed two pipes at a time; what is kept is a pool, not one a session.
        Assert.InRange(gateway.Facts.PipeEnds - pipes, 0, 16);
        await gateway.Facts.AssertRestsAsync(ticks: 1, TimeSpan.FromSeconds(2));
        // And that shrinks by itself, with nobody there to cause an event.
        await Patience.UntilAsync(() => gateway.Facts.PipeEnds == pipes, () => $"idle pipes to be closed: {gateway.Facts.PipeEnds} ends, {pipes} at first");
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_gateway_without_sessions_sleeps()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers: 2).Passthrough("a", "a.home.test", backend));
        await Task.Delay(500);
        await gateway.Facts.AssertRestsAsync(ticks: 1, TimeSpan.FromSeconds(2));
    }

    private static async Task<TestClient[]> OpenAsync(Gateway gateway, int count) => await Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
    {
        TestClient client = await gateway.ConnectAsync();
        Assert.Equal($"a {client.LocalEndPoint}", await client.AskAsync("a.home.test"));
        return client;
    }));
}
