using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>One byte sent with MSG_OOB stops a splice for ever unless somebody looks. Any client can do it.</summary>
[Collection(Alone.Name)]
public sealed class UrgentByteTests
{
    private const int Before = 800_000, After = 20_000;
    private static readonly byte[] Hello = HelloBytes.For("a.home.test");

    [Fact]
    public async Task What_a_client_sends_around_an_urgent_byte_arrives_and_burns_no_CPU()
    {
        TaskCompletionSource<byte[]> received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestBackend backend = TestBackend.Start("a", async session =>
        {
            await session.ReceiveExactlyAsync(Hello.Length);
            received.SetResult(await ReceiveAroundTheMarkAsync(session));
            await session.Backend.Stopping;
        });
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(Hello);
        await SendAroundTheMarkAsync(client);
        AssertWholeButTheMark(await received.Task.Within("the bytes behind the urgent one"));
        await gateway.Facts.AssertRestsAsync(ticks: 3, TimeSpan.FromSeconds(0.7));
    }

    [Fact]
    public async Task What_a_backend_sends_around_an_urgent_byte_arrives_and_burns_no_CPU()
    {
        using TestBackend backend = TestBackend.Start("a", async session =>
        {
            await session.ReceiveExactlyAsync(Hello.Length);
            await SendAroundTheMarkAsync(session);
            await session.Backend.Stopping;
        });
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(Hello);
        AssertWholeButTheMark(await ReceiveAroundTheMarkAsync(client));
        await gateway.Facts.AssertRestsAsync(ticks: 3, TimeSpan.FromSeconds(0.7));
    }

    [Fact]
    public async Task An_urgent_byte_while_the_other_side_does_not_read_is_no_stall_and_no_spin()
    {
        TaskCompletionSource mayRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<byte[]> received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestBackend backend = TestBackend.Start("a", async session =>
        {
            session.Socket.ReceiveBufferSize = 65_536;
            await mayRead.Task;
            await session.ReceiveExactlyAsync(Hello.Length);
            received.SetResult(await ReceiveAroundTheMarkAsync(session));
            await session.Backend.Stopping;
        });
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(Hello);
        Task sending = SendAroundTheMarkAsync(client);
        await Task.Delay(300);
        await gateway.Facts.AssertRestsAsync(ticks: 3, TimeSpan.FromSeconds(0.7));
        mayRead.SetResult();
        await sending;
        AssertWholeButTheMark(await received.Task.Within("the bytes behind the urgent one"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    [InlineData(-1)]
    public async Task An_extra_urgent_byte_inside_the_hello_does_not_hide_the_name(int place)
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Gateway("hello-timeout", "3s").Passthrough("a", "a.home.test", backend));
        int at = place > 0 ? place : Hello.Length + place;
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(Hello.AsMemory(0, at));
        client.SendUrgent((byte)'!');
        await client.SendAsync(Hello.AsMemory(at));
        Assert.Equal($"a {client.LocalEndPoint}", await client.ReceiveAnswerAsync());
        client.ShutdownSend();
        BackendSession session = await backend.SessionOfAsync(client.LocalEndPoint);
        await session.Finished;
        Assert.Equal(Hello, session.Payload);
    }

    [Fact]
    public async Task A_hello_whose_own_byte_was_sent_urgent_is_settled_by_the_timeout_at_the_latest_and_burns_no_CPU()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Gateway("hello-timeout", "3s").Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(Hello.AsMemory(0, 40));
        client.SendUrgent(Hello[40]);
        await client.SendAsync(Hello.AsMemory(41));
        await Task.Delay(200);
        await gateway.Facts.AssertRestsAsync(ticks: 3, TimeSpan.FromSeconds(0.7));
        // Whether the byte counts depends on SO_OOBINLINE; that something comes of it does not.
        string answer = await client.ReceiveAnswerAsync();
        Assert.Contains(answer, new[] { $"a {client.LocalEndPoint}", "refused 50", "closed", "reset" });
    }

    private static async Task SendAroundTheMarkAsync(SocketPeer sender)
    {
        Pattern pattern = new(21);
        byte[] bytes = pattern.Bytes(Before + After);
        await sender.SendAsync(bytes.AsMemory(0, Before));
        sender.SendUrgent(0xA5);
        await sender.SendAsync(bytes.AsMemory(Before));
    }

    /// <summary>Everything, or one byte more where the urgent one was kept in its place.</summary>
    private static async Task<byte[]> ReceiveAroundTheMarkAsync(SocketPeer receiver)
    {
        byte[] all = await receiver.ReceiveExactlyAsync(Before + After);
        if (all[Before] == 0xA5 && new Pattern(21).FirstDifference(0, all) == Before)
            return [.. all[..Before], .. all[(Before + 1)..], .. await receiver.ReceiveExactlyAsync(1)];
        return all;
    }

    private static void AssertWholeButTheMark(byte[] received) => Assert.Equal(-1, new Pattern(21).FirstDifference(0, received));
}
