using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Proxy;

/// <summary>Trusted peers that send a header in every awkward way there is.</summary>
public sealed class ProxyAbuseTests : IDisposable
{
    private const string Name = "a.home.test";

    private static readonly IPEndPoint Client = IPEndPoint.Parse("192.0.2.7:4711"), Place = IPEndPoint.Parse("198.51.100.3:443");
    private static readonly byte[] Hello = HelloBytes.For(Name);

    private readonly TestBackend _backend = TestBackend.Start("a", Scripts.MirrorAsync);

    public void Dispose() => _backend.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public async Task Header_and_hello_cut_in_two_at_every_byte_arrive_as_one(int version, int workers)
    {
        await using Gateway gateway = await StartAsync("require", workers);
        byte[] all = [.. ProxyBytes.Of(version, Client, Place), .. Hello];
        await Parallel.ForEachAsync(Enumerable.Range(1, all.Length - 1), new ParallelOptions { MaxDegreeOfParallelism = 24 }, async (place, _) =>
        {
            using TestClient client = await gateway.ConnectAsync();
            await client.SendSplitAsync(all, place);
            await AssertServedAsync(client, Client, Hello, $"cut at {place}");
        });
    }

    [Fact]
    public async Task So_do_they_in_random_pieces()
    {
        await using Gateway gateway = await StartAsync("require", workers: 2);
        byte[] header = ProxyBytes.V2(Client, Place, [.. ProxyBytes.Padding(700), .. ProxyBytes.Padding(0)]);
        byte[] all = [.. header, .. HelloBytes.OfSize(Name, 5_000)];
        await Parallel.ForEachAsync(Enumerable.Range(0, Scale.Of(100, 2_000)), new ParallelOptions { MaxDegreeOfParallelism = 24 }, async (run, _) =>
        {
            Random random = new(run);
            int[] places = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Next(1, all.Length)).Order().Distinct()];
            using TestClient client = await gateway.ConnectAsync();
            await client.SendSplitAsync(all, places);
            await AssertServedAsync(client, Client, all[header.Length..], $"run {run}: {string.Join(' ', places)}");
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_header_that_ends_in_its_middle_is_refused_at_once(int version)
    {
        await using Gateway gateway = await StartAsync("require", timeout: "60s");
        byte[] header = ProxyBytes.Of(version, Client, Place);
        await Parallel.ForEachAsync(Enumerable.Range(1, header.Length - 1), new ParallelOptions { MaxDegreeOfParallelism = 24 }, async (bytes, _) =>
        {
            using TestClient client = await gateway.ConnectAsync();
            await client.SendAsync(header.AsMemory(0, bytes));
            client.ShutdownSend();
            await AssertRefusedAsync(gateway, client, $"{bytes} bytes");
        });
        Assert.Equal(0, _backend.Accepted);
    }

    [Fact]
    public async Task An_urgent_byte_in_a_header_is_refused_and_one_behind_it_is_the_clients_own()
    {
        await using Gateway gateway = await StartAsync("require", timeout: "60s");
        byte[] header = ProxyBytes.V2(Client, Place);
        foreach (int place in new[] { 1, 5, 12, 16, header.Length - 1 })
        {
            using TestClient client = await gateway.ConnectAsync();
            await client.SendAsync(header.AsMemory(0, place));
            client.SendUrgent(0xEE);
            await client.TrySendAsync((byte[])[.. header[place..], .. Hello]);
            await AssertRefusedAsync(gateway, client, $"urgent at {place}");
        }
        foreach (int place in new[] { 0, 1, 20 })
        {
            using TestClient client = await gateway.ConnectAsync();
            await client.SendAsync((byte[])[.. header, .. Hello[..place]]);
            client.SendUrgent(0xEE);
            await client.SendAsync(Hello.AsMemory(place));
            await AssertServedAsync(client, Client, Hello, $"urgent at {place} behind the header");
        }
        await gateway.Facts.AssertRestsAsync(ticks: 5, TimeSpan.FromSeconds(0.5));
    }

    /// <summary>The largest header there can be fills a receive buffer, and in segments of one byte it takes many times its size.</summary>
    [Theory]
    [InlineData(65_551, 100_000)]
    [InlineData(65_551, 1_448)]
    [InlineData(65_551, 7)]
    [InlineData(257, 1)]
    [InlineData(256, 1)]
    public async Task A_header_of_any_size_is_read_in_segments_of_any_size(int headerBytes, int pieceBytes)
    {
        // Twenty thousand segments take a busy machine its time.
        await using Gateway gateway = await Gateway.StartAsync(ConfigOf("require", workers: 1, timeout: "60s").Gateway("hello-timeout", "60s"));
        byte[] header = ProxyBytes.V2(Client, Place, ProxyBytes.Padding(headerBytes - 28 - 3));
        Assert.Equal(headerBytes, header.Length);
        byte[] hello = HelloBytes.OfSize(Name, 60_000);
        using TestClient client = await gateway.ConnectAsync();
        foreach (byte[] piece in ((byte[])[.. header, .. hello]).Chunk(pieceBytes))
            await client.SendAsync(piece);
        await AssertServedAsync(client, Client, hello, $"{headerBytes} in pieces of {pieceBytes}");
    }

    [Fact]
    public async Task Peers_that_wait_while_a_reload_changes_accept_proxy_go_on_as_they_came()
    {
        await using Gateway gateway = await StartAsync("require", timeout: "60s");
        byte[] header = ProxyBytes.V1(Client, Place), all = [.. header, .. Hello];
        List<TestClient> waiting = [];
        foreach (int place in new[] { 0, 1, 6, 20, header.Length, header.Length + 9 })
        {
            waiting.Add(await gateway.ConnectAsync());
            await waiting[^1].SendAsync(all.AsMemory(0, place));
        }
        await Task.Delay(100);
        await gateway.ReloadAsync(gateway.Config.Set("listen:https", "accept-proxy", "off"));
        await Patience.UntilAsync(async () => await IsPlainServedAsync(gateway), () => $"the reload\n{gateway.Log.Tail}");
        // New ones are plain clients, and a header of theirs is refused.
        using (TestClient fresh = await gateway.ConnectAsync())
        {
            await fresh.TrySendAsync(all);
            await AssertRefusedAsync(gateway, fresh, "after the reload");
        }
        foreach ((TestClient client, int place) in waiting.Zip([0, 1, 6, 20, header.Length, header.Length + 9]))
        {
            await client.SendAsync(all.AsMemory(place));
            await AssertServedAsync(client, Client, Hello, $"had sent {place}");
            client.Dispose();
        }
        await gateway.ReloadAsync(gateway.Config.Set("listen:https", "accept-proxy", "require"));
        await Patience.UntilAsync(async () => !await IsPlainServedAsync(gateway), () => $"the second reload\n{gateway.Log.Tail}");
    }

    [Fact]
    public async Task Peers_that_wait_while_another_process_takes_over_go_on_as_they_came()
    {
        await using Gateway gateway = await Gateway.StartInstalledAsync(ConfigOf("require", workers: 2, timeout: "60s").Gateway("drain-timeout", "60s"));
        byte[] header = ProxyBytes.V2(Client, Place), all = [.. header, .. Hello];
        int[] places = [0, 1, 13, 20, header.Length, header.Length + 9];
        List<TestClient> waiting = [];
        foreach (int place in places)
        {
            waiting.Add(await gateway.ConnectAsync());
            await waiting[^1].SendAsync(all.AsMemory(0, place));
        }
        await gateway.UpgradeAsync();
        foreach ((TestClient client, int place) in waiting.Append(await gateway.ConnectAsync()).Zip(places.Append(0)))
        {
            await client.SendAsync(all.AsMemory(place));
            await AssertServedAsync(client, Client, Hello, $"had sent {place}");
            client.Dispose();
        }
    }

    private async Task<bool> IsPlainServedAsync(Gateway gateway)
    {
        using TestClient client = await gateway.ConnectAsync();
        await client.TrySendAsync(Hello);
        client.ShutdownSend();
        return (await client.ReceiveToEndAsync()).Bytes.Length > 0;
    }

    private static async Task AssertServedAsync(TestClient client, IPEndPoint source, byte[] payload, string what)
    {
        client.ShutdownSend();
        Transcript answer = await client.ReceiveToEndAsync();
        Assert.True(answer.Bytes.Length > 0, $"{what}: {answer.Ending}");
        byte[][] told = [.. answer.Text.Split(' ').Select(Convert.FromHexString)];
        ProxyHeader header = ProxyHeader.Read(told[0])!;
        Assert.Equal((what, source, Place), (what, header.Source, header.Destination));
        Assert.True(payload.AsSpan().SequenceEqual(told[1]), $"{what}: {told[1].Length} other bytes arrived");
    }

    private static async Task AssertRefusedAsync(Gateway gateway, TestClient client, string what)
    {
        Transcript answer = await client.ReceiveToEndAsync();
        client.Dispose();
        Assert.True(answer.Bytes.Length == 0 && answer.Ending != Ending.Open, $"{what}: {answer.Ending} {answer.Text}");
        Assert.Equal((what, "proxy-header"), (what, await gateway.AccessLog.EndOfAsync(client.LocalEndPoint)));
    }

    private Task<Gateway> StartAsync(string how, int workers = 1, string timeout = "5s") => Gateway.StartAsync(ConfigOf(how, workers, timeout));

    private GatewayConfig ConfigOf(string how, int workers, string timeout) => GatewayConfig.Https(workers)
        .Gateway("proxy-header-timeout", timeout).Set("listen:https", "accept-proxy", how).Set("listen:https", "trusted-proxies", "127.0.0.0/8")
        .Passthrough("a", Name, _backend.Address, ("proxy-protocol", "v2"));
}
