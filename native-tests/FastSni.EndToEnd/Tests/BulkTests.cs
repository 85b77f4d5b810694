using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Much data, odd paces, and not a byte wrong. Every stream carries a pattern of its own.</summary>
[Collection(Alone.Name)]
public sealed class BulkTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Bulk_both_ways_at_once_is_byte_exact_on_every_connection(int workers)
    {
        int connections = Scale.Of(8, 20);
        long bytes = Scale.Of(6 << 20, 64 << 20);
        using TestBackend backend = TestBackend.Start("a", session => BothWaysAsync(session, bytes));
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers).Passthrough("a", "a.home.test", backend));
        int descriptors = gateway.Facts.Descriptors;

        await Task.WhenAll(Enumerable.Range(0, connections).Select(async number =>
        {
            using TestClient client = await gateway.ConnectAsync();
            await client.SendAsync(HelloBytes.For("a.home.test"));
            ulong seed = Seed(client.LocalEndPoint.ToString());
            Task<Received> down = client.ReceivePatternAsync(new Pattern(~seed));
            await client.SendPatternAsync(new Pattern(seed), bytes, new Random(number));
            client.ShutdownSend();
            (await down.Within("the way down", Patience.BulkLimit)).AssertWhole(bytes);
            AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
            Assert.Equal((bytes + HelloBytes.For("a.home.test").Length, bytes, "complete"), (line.Up, line.Down, line.End));
        })).Within("all transfers", Patience.BulkLimit);

        await Task.WhenAll(backend.Sessions.Select(session => session.Finished)).Within("the backend's side");
        backend.AssertNoFaults();
        await gateway.Facts.DescriptorsBackToAsync(descriptors + PoolAllowance);
    }

    [Fact]
    public async Task A_slow_reader_gets_the_tail_of_many_small_segments_once_it_hurries()
    {
        int runs = Scale.Of(6, 200);
        const int Bytes = 400_000;
        using TestBackend backend = TestBackend.Start("a", async session =>
        {
            await session.ReceiveExactlyAsync(HelloBytes.For("a.home.test").Length);
            // Full segments and many tiny ones: a pipe runs out of slots long before it runs out of bytes.
            int size = session.Backend.Accepted % 2 == 0 ? 100 : 1_448;
            await session.SendPatternAsync(new Pattern(7), Bytes, writeBytes: size);
            session.ShutdownSend();
            session.Ending = await session.ReceiveToEndAsync() is { Bytes.Length: 0 } end ? end.Ending : Ending.Open;
        });
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));

        await Parallel.ForEachAsync(Enumerable.Range(0, runs), new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (_, stop) =>
        {
            using TestClient client = await gateway.ConnectAsync();
            client.Socket.ReceiveBufferSize = 16_384;
            await client.SendAsync(HelloBytes.For("a.home.test"));
            byte[] slow = new byte[1_000];
            int done = 0;
            for (int sip = 0; sip < Scale.Of(10, 30); sip++)
            {
                int count = await client.ReceiveAsync(slow);
                Assert.Equal(-1, new Pattern(7).FirstDifference(done, slow.AsSpan(0, count)));
                done += count;
                await Task.Delay(100, stop);
            }
            Transcript tail = await client.ReceiveToEndAsync();
            Assert.Equal((Bytes - done, Ending.Fin), (tail.Bytes.Length, tail.Ending));
            Assert.Equal(-1, new Pattern(7).FirstDifference(done, tail.Bytes));
            client.ShutdownSend();
            Assert.Equal("complete", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
        });
        backend.AssertNoFaults();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_end_with_data_still_in_the_pipe_arrives_after_the_data(bool fromBackend)
    {
        const int Bytes = 5_000_000;
        Pattern pattern = new(18);
        TimeSpan pause = TimeSpan.FromSeconds(Scale.Of(1, 3));
        using TestBackend backend = TestBackend.Start("a", async session =>
        {
            await session.ReceiveExactlyAsync(HelloBytes.For("a.home.test").Length);
            if (fromBackend)
                await SendAllAndEndAsync(session);
            else
                await ReceiveLateAsync(session);
        });
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For("a.home.test"));
        if (fromBackend)
            await ReceiveLateAsync(client);
        else
            await SendAllAndEndAsync(client);
        BackendSession met = await backend.SessionOfAsync(client.LocalEndPoint);
        await met.Finished.Within("the other side");
        Assert.Equal("complete", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));

        async Task SendAllAndEndAsync(SocketPeer sender)
        {
            await sender.SendPatternAsync(pattern, Bytes);
            sender.ShutdownSend();
            Assert.Equal(Ending.Fin, (await sender.ReceiveToEndAsync()).Ending);
        }

        async Task ReceiveLateAsync(SocketPeer receiver)
        {
            await Task.Delay(pause);
            (await receiver.ReceivePatternAsync(pattern)).AssertWhole(Bytes);
            receiver.ShutdownSend();
        }
    }

    /// <summary>A worker may keep a few idle pipes for the next one who needs them.</summary>
    private const int PoolAllowance = 64;

    private static async Task BothWaysAsync(BackendSession session, long bytes)
    {
        await session.ReceiveExactlyAsync(HelloBytes.For("a.home.test").Length);
        ulong seed = Seed(session.Peer);
        Task<Received> up = session.ReceivePatternAsync(new Pattern(seed));
        await session.SendPatternAsync(new Pattern(~seed), bytes, new Random(session.Backend.Accepted));
        session.ShutdownSend();
        (await up).AssertWhole(bytes);
    }

    /// <summary>FNV-1a of the client's endpoint: each side can tell the other's stream without a word.</summary>
    private static ulong Seed(string client)
    {
        ulong hash = 14695981039346656037;
        foreach (char letter in client)
            hash = unchecked((hash ^ letter) * 1099511628211);
        return hash;
    }
}
