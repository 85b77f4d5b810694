using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>One side has said all it has to say.</summary>
[Collection(Alone.Name)]
public sealed class HalfCloseTests
{
    private const int RequestBytes = 1 << 20;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_client_that_half_closes_still_receives_the_whole_reply(int workers)
    {
        long replyBytes = Scale.Of(8 << 20, 64 << 20);
        int hello = HelloBytes.For("a.home.test").Length;
        using TestBackend backend = TestBackend.Start("a", async session =>
        {
            await session.ReceiveExactlyAsync(hello);
            (await session.ReceivePatternAsync(new Pattern(1))).AssertWhole(RequestBytes);
            await Task.Delay(TimeSpan.FromMilliseconds(Scale.Of(700, 2_500)));
            await session.SendPatternAsync(new Pattern(2), replyBytes);
        });
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers).Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For("a.home.test"));
        await client.SendPatternAsync(new Pattern(1), RequestBytes);
        client.ShutdownSend();

        (await client.ReceivePatternAsync(new Pattern(2))).AssertWhole(replyBytes);
        await Task.Delay(100);
        Assert.Equal(System.Net.Sockets.SocketError.Success, client.PendingError);
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Equal(("complete", replyBytes), (line.End, line.Down));
        backend.AssertNoFaults();
    }

    [Fact]
    public async Task A_backend_that_half_closes_still_receives_the_whole_upload()
    {
        long uploadBytes = Scale.Of(8 << 20, 64 << 20);
        using TestBackend backend = TestBackend.Start("a", async session =>
        {
            await session.ReceiveExactlyAsync(HelloBytes.For("a.home.test").Length);
            await session.SendPatternAsync(new Pattern(2), RequestBytes);
            session.ShutdownSend();
            (await session.ReceivePatternAsync(new Pattern(1))).AssertWhole(uploadBytes);
            session.Ending = Ending.Fin;
        });
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For("a.home.test"));
        (await client.ReceivePatternAsync(new Pattern(2))).AssertWhole(RequestBytes);
        await Task.Delay(TimeSpan.FromMilliseconds(Scale.Of(700, 2_500)));
        await client.SendPatternAsync(new Pattern(1), uploadBytes);
        client.ShutdownSend();

        Assert.Equal("complete", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
        BackendSession session = await backend.SessionOfAsync(client.LocalEndPoint);
        await session.Finished;
        Assert.Equal(Ending.Fin, session.Ending);
        backend.AssertNoFaults();
    }

    [Fact]
    public async Task A_client_that_ends_right_behind_its_hello_is_served_all_the_same()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        byte[] hello = HelloBytes.For("a.home.test");
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(hello);
        client.ShutdownSend();
        Assert.Equal($"a {client.LocalEndPoint}", await client.ReceiveAnswerAsync());
        Assert.Equal(Ending.Fin, (await client.ReceiveToEndAsync()).Ending);
        BackendSession session = await backend.SessionOfAsync(client.LocalEndPoint);
        await session.Finished;
        Assert.Equal(hello, session.Payload);
        Assert.Equal(Ending.Fin, session.Ending);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sessions_left_half_closed_are_ended_at_the_limit_and_cost_nothing_until_then(bool clientEnds)
    {
        int count = Scale.Of(150, 500);
        using TestBackend backend = TestBackend.Start("a", async session =>
        {
            await session.ReceiveExactlyAsync(1);
            await session.SendAsync("x");
            if (!clientEnds)
                session.ShutdownSend();
            await session.Backend.Stopping;
        });
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers: 2)
            .Gateway("half-close-timeout", "4s").Passthrough("a", "a.home.test", backend));
        int descriptors = gateway.Facts.Descriptors;

        TestClient[] clients = await Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
        {
            TestClient client = await gateway.ConnectAsync();
            await client.SendAsync(HelloBytes.For("a.home.test"));
            await client.ReceiveExactlyAsync(1);
            if (clientEnds)
                client.ShutdownSend();
            return client;
        }));
        await Task.Delay(TimeSpan.FromSeconds(0.5));
        // Under 2 % of a core; all windows lie before the limit.
        await gateway.Facts.AssertRestsAsync(ticks: 1, TimeSpan.FromSeconds(0.8));

        foreach (TestClient client in clients)
        {
            AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
            Assert.Equal("client-silent", line.End);
            Assert.InRange(line.Duration, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(15));
            client.Dispose();
        }
        await gateway.Facts.DescriptorsBackToAsync(descriptors);
    }
}
