using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Hellos in many pieces, and big ones.</summary>
[Collection(Alone.Name)]
public sealed class HelloSizeTests
{
    private const long RoomBytes = 70L * 1024 * 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(100)]
    public async Task A_name_is_found_however_small_the_TLS_records_are(int recordBytes)
    {
        using TestBackend backend = TestBackend.Start("foof"), wrong = TestBackend.Start("wrong");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https()
            .Default("action", "passthrough:wrong")
            .Default("no-name-action", "passthrough:wrong")
            .Passthrough("foof", "foof.home.test", backend)
            .Passthrough("wrong", "foo.home.test", wrong));
        byte[] hello = HelloBytes.InRecords(HelloBytes.For("foof.home.test", "h2", "http/1.1"), recordBytes);

        await AssertArrivesAsync(gateway, backend, hello, (client, bytes) => client.SendAsync(bytes));
        await AssertArrivesAsync(gateway, backend, hello, (client, bytes) => client.SendByteByByteAsync(bytes));
    }

    [Fact]
    public async Task A_name_cut_anywhere_by_a_record_boundary_is_read_whole()
    {
        using TestBackend backend = TestBackend.Start("foof");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("foof", "foof.home.test", backend));
        byte[] hello = HelloBytes.For("foof.home.test");
        int name = HelloBytes.IndexOfName(hello, "foof.home.test") - 5;
        foreach (int first in Enumerable.Range(name, "foof.home.test".Length + 1))
        {
            byte[] cut = HelloBytes.InRecords(hello, first, HelloBytes.RecordBytesMax);
            await AssertArrivesAsync(gateway, backend, cut, (client, bytes) => client.SendAsync(bytes));
        }
    }

    [Theory]
    [InlineData(21_596)]
    [InlineData(60_000)]
    [InlineData(65_536)]
    public async Task A_big_hello_within_the_limit_is_routed(int wireBytes)
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        byte[] hello = HelloBytes.OfSize("a.home.test", wireBytes);

        await AssertArrivesAsync(gateway, backend, hello, (client, bytes) => client.SendAsync(bytes));
        await AssertArrivesAsync(gateway, backend, hello, (client, bytes) => client.SendSplitAsync(bytes, 1, 5, 1_400, 16_000, wireBytes - 1));
    }

    [Fact]
    public async Task A_big_hello_dripped_byte_by_byte_is_routed()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Gateway("hello-timeout", "15s").Passthrough("a", "a.home.test", backend));
        await AssertArrivesAsync(gateway, backend, HelloBytes.OfSize("a.home.test", 21_596), (client, bytes) => client.SendByteByByteAsync(bytes));
    }

    [Fact]
    public async Task A_hello_over_the_limit_is_refused_as_soon_as_the_limit_is_crossed()
    {
        using TestBackend backend = TestBackend.Start("a");
        // With a timeout this long, an end can only be the limit's doing.
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https()
            .Gateway("hello-timeout", "60s").Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        await client.TrySendAsync(HelloBytes.OfSize("a.home.test", 70_000).AsMemory(0, 66_000));

        Transcript answer = await client.ReceiveToEndAsync();
        Assert.True(answer.IsAlert(50), $"{answer.Ending} {Convert.ToHexString(answer.Bytes)}");
        Assert.Equal(Ending.Fin, answer.Ending);
        Assert.Equal("hello-too-large", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
        Assert.Equal(0, backend.Accepted);
    }

    [Fact]
    public async Task A_lower_limit_is_kept_to_the_byte()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https()
            .Gateway("hello-limit", "4k").Passthrough("a", "a.home.test", backend));
        await AssertArrivesAsync(gateway, backend, HelloBytes.OfSize("a.home.test", 4_096), (client, bytes) => client.SendAsync(bytes));

        using TestClient client = await gateway.ConnectAsync();
        Assert.Equal("refused 50", await client.AskAsync(HelloBytes.OfSize("a.home.test", 4_097)));
        Assert.Equal("hello-too-large", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
    }

    [Fact]
    public async Task What_follows_a_hello_does_not_count_against_its_limit()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https()
            .Gateway("hello-limit", "4k").Passthrough("a", "a.home.test", backend));
        byte[] helloAndMore = [.. HelloBytes.For("a.home.test"), .. new Pattern(5).Bytes(200_000)];
        await AssertArrivesAsync(gateway, backend, helloAndMore, (client, bytes) => client.SendAsync(bytes));
    }

    [Fact]
    public async Task Many_big_hellos_in_waiting_cost_no_memory_of_ours()
    {
        int count = Scale.Of(200, 1_000);
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https()
            .Gateway("hello-timeout", "60s").Passthrough("a", "a.home.test", backend));
        Assert.Equal("a", await gateway.AskAsync("a.home.test"));
        long before = gateway.Facts.ResidentBytes;

        byte[] hello = HelloBytes.OfSize("a.home.test", 60_000);
        TestClient[] clients = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => gateway.ConnectAsync()));
        await Parallel.ForEachAsync(clients, async (client, _) => await client.SendAsync(hello.AsMemory(0, hello.Length - 1)));
        await Task.Delay(300);
        long grown = gateway.Facts.ResidentBytes - before;
        Assert.True(grown <= RoomBytes * count / 1_000 + (2 << 20), $"memory grew by {grown} bytes");

        await Parallel.ForEachAsync(clients, async (client, _) => await client.SendAsync(hello.AsMemory(hello.Length - 1)));
        foreach (TestClient client in clients)
        {
            Assert.Equal($"a {client.LocalEndPoint}", await client.ReceiveAnswerAsync());
            client.Dispose();
        }
    }

    private static async Task AssertArrivesAsync(Gateway gateway, TestBackend backend, byte[] hello, Func<TestClient, byte[], Task> deliver)
    {
        using TestClient client = await gateway.ConnectAsync();
        await deliver(client, hello);
        Assert.Equal($"{backend.Name} {client.LocalEndPoint}", await client.ReceiveAnswerAsync());
        client.ShutdownSend();
        BackendSession session = await backend.SessionOfAsync(client.LocalEndPoint);
        await session.Finished.Within("the backend to hear the end");
        Assert.Equal(hello, session.Payload);
    }
}
