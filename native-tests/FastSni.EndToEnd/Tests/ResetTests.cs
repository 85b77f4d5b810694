using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Resets are passed on as resets, behind what came before them, and leave nothing of one client for another.</summary>
[Collection(Alone.Name)]
public sealed class ResetTests
{
    private const int Bytes = 50_000;

    // What a worker may keep: pipes for the next flow, no more.
    private const int PoolAllowance = 64;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_backends_reset_reaches_the_client_behind_the_bytes_before_it(int workers)
    {
        Pattern pattern = new(20);
        using TestBackend backend = TestBackend.Start("a", async session =>
        {
            await session.ReceiveExactlyAsync(HelloBytes.For("a.home.test").Length);
            await session.SendPatternAsync(pattern, Bytes);
            await session.DeliveredAsync();
            session.Abort();
        });
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers).Passthrough("a", "a.home.test", backend));
        for (int run = 0; run < 20; run++)
        {
            using TestClient client = await gateway.ConnectAsync();
            await client.SendAsync(HelloBytes.For("a.home.test"));
            Assert.Equal(new Received(Bytes, -1, Ending.Reset), await client.ReceivePatternAsync(pattern));
            Assert.Equal("backend-reset", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
        }
    }

    [Fact]
    public async Task A_backends_reset_reaches_even_a_client_that_reads_late()
    {
        Pattern pattern = new(21);
        using TestBackend backend = TestBackend.Start("a", async session =>
        {
            await session.ReceiveExactlyAsync(HelloBytes.For("a.home.test").Length);
            await session.SendPatternAsync(pattern, Bytes);
            await session.DeliveredAsync();
            session.Abort();
        });
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        client.Socket.ReceiveBufferSize = 16_384;
        await client.SendAsync(HelloBytes.For("a.home.test"));
        await Task.Delay(500);
        Assert.Equal(new Received(Bytes, -1, Ending.Reset), await client.ReceivePatternAsync(pattern));
    }

    [Fact]
    public async Task A_clients_reset_reaches_the_backend_behind_the_bytes_before_it()
    {
        Pattern pattern = new(22);
        TaskCompletionSource<Received> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestBackend backend = TestBackend.Start("a", async session =>
        {
            await session.ReceiveExactlyAsync(HelloBytes.For("a.home.test").Length);
            seen.SetResult(await session.ReceivePatternAsync(pattern));
        });
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For("a.home.test"));
        // A reset before the backend is there need not reach it at all.
        await backend.SessionOfAsync(client.LocalEndPoint);
        await client.SendPatternAsync(pattern, Bytes);
        await client.DeliveredAsync();
        client.Abort();
        Assert.Equal(new Received(Bytes, -1, Ending.Reset), await seen.Task.Within("the backend to see the reset"));
        Assert.Equal("client-reset", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
    }

    [Fact]
    public async Task After_many_aborts_in_mid_flight_everything_is_given_back_and_no_byte_goes_astray()
    {
        using TestBackend backend = TestBackend.Start("a", TaggedEchoAsync);
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers: 2).Passthrough("a", "a.home.test", backend));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => WholeAsync(gateway, (ulong)number, 2 << 20)));
        await Task.Delay(300);
        int descriptors = gateway.Facts.Descriptors;

        Random random = new(22);
        (ulong Tag, int After, bool ByBackend)[] aborts =
            [.. Enumerable.Range(0, Scale.Of(600, 10_000)).Select(number => ((ulong)number, random.Next(1, 400_000), random.Next(2) == 0))];
        await Parallel.ForEachAsync(aborts, new ParallelOptions { MaxDegreeOfParallelism = 48 }, async (abort, _) =>
            await AbortedAsync(gateway, abort.Tag, abort.After, abort.ByBackend));
        await gateway.Facts.DescriptorsBackToAsync(descriptors + PoolAllowance);

        IEnumerable<int> fresh = Enumerable.Range(1_000_000, Scale.Of(100, 1_000));
        await Parallel.ForEachAsync(fresh, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
            await WholeAsync(gateway, (ulong)number, 300_000));
        gateway.AssertAlive();
    }

    /// <summary>
    /// The client names its stream's seed; the backend sends that stream until nobody listens, or up to the length asked for. A length below zero
    /// asks for
    /// a reset after as many bytes.
    /// </summary>
    private static async Task TaggedEchoAsync(BackendSession session)
    {
        await session.ReceiveExactlyAsync(HelloBytes.For("a.home.test").Length);
        byte[] request = await session.ReceiveExactlyAsync(16);
        long length = BitConverter.ToInt64(request, 8);
        Task<Received> up = session.ReceivePatternAsync(new Pattern(~BitConverter.ToUInt64(request)));
        await session.SendPatternAsync(new Pattern(BitConverter.ToUInt64(request)), Math.Abs(length), writeBytes: 16_384);
        if (length < 0)
        {
            session.Abort();
            return;
        }
        session.ShutdownSend();
        Assert.Equal(-1, (await up).FirstDifference);
    }

    private static Task AskAsync(TestClient client, ulong tag, long length) =>
        client.SendAsync((byte[])[.. HelloBytes.For("a.home.test"), .. BitConverter.GetBytes(tag), .. BitConverter.GetBytes(length)]);

    private static async Task WholeAsync(Gateway gateway, ulong tag, long length)
    {
        using TestClient client = await gateway.ConnectAsync();
        await AskAsync(client, tag, length);
        Task<Received> down = client.ReceivePatternAsync(new Pattern(tag));
        await client.SendPatternAsync(new Pattern(~tag), length, writeBytes: 16_384);
        client.ShutdownSend();
        (await down).AssertWhole(length);
    }

    private static async Task AbortedAsync(Gateway gateway, ulong tag, int after, bool byBackend)
    {
        using TestClient client = await gateway.ConnectAsync();
        await AskAsync(client, tag, byBackend ? -after : 4 << 20);
        byte[] buffer = new byte[16_384];
        new Pattern(~tag).Fill(0, buffer);
        await client.TrySendAsync(buffer);
        long seen = 0;
        try
        {
            while (seen < after && await client.ReceiveAsync(buffer) is int count and > 0)
            {
                Assert.Equal(-1, new Pattern(tag).FirstDifference(seen, buffer.AsSpan(0, count)));
                seen += count;
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The reset that was asked for.
        }
        client.Abort();
    }
}
