using System.Diagnostics;
using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Proxy;

/// <summary>Trusted peers whose header does not come, comes too slowly, or has no end.</summary>
[Collection(Alone.Name)]
public sealed class ProxyTimeoutTests
{
    private const int Peers = 1_000;
    private static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(3);

    // A busy machine takes its time to connect and to look at a thousand sockets.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(8);
    private static readonly IPEndPoint Client = IPEndPoint.Parse("192.0.2.7:4711"), Place = IPEndPoint.Parse("198.51.100.3:443");

    [Theory]
    [InlineData("tls", 1)]
    [InlineData("tls", 2)]
    [InlineData("tcp", 1)]
    public async Task A_thousand_silent_or_dripping_peers_are_closed_at_the_timeout_and_cost_nothing(string mode, int workers)
    {
        using TestBackend backend = TestBackend.Start("a", proxy: false);
        await using Gateway gateway = await StartAsync(backend, mode, "require", workers);
        Assert.Equal("a", await AskAsync(gateway));
        int descriptors = gateway.Facts.Descriptors;
        IPAddress from = Loopback.NextAddress();
        Task<(TimeSpan After, Transcript Answer, IPEndPoint Peer)>[] waiting = [.. Enumerable.Range(0, Peers).Select(number => WaitForTheEndAsync(gateway, from, drips: number % 2 == 0))];

        await Task.Delay(TimeSpan.FromSeconds(1));
        // Under 5 % of a core, with five hundred bytes a second to look at.
        await gateway.Facts.AssertRestsAsync(ticks: 3, TimeSpan.FromSeconds(0.6));
        Assert.Equal("a", await AskAsync(gateway));
        foreach ((TimeSpan after, Transcript answer, IPEndPoint peer) in await Task.WhenAll(waiting))
        {
            // The clock here starts a moment behind the gateway's.
            Assert.True(after >= HeaderTimeout - TimeSpan.FromSeconds(0.2) && after < HeaderTimeout + Slack, $"closed after {after}");
            Assert.True(answer.Ending != Ending.Open && answer.Bytes.Length == 0, $"{answer.Ending} {Convert.ToHexString(answer.Bytes)}");
            AccessLogLine line = await gateway.AccessLog.LineOfAsync(peer);
            Assert.True(line.End == "proxy-header" && line.Duration >= HeaderTimeout && line.Duration < HeaderTimeout + Slack, line.ToString());
        }
        // A refusal met by the thousand is told once a second at most.
        Assert.InRange(gateway.Log.Lines.Count(line => line.Contains("within proxy-header-timeout", StringComparison.Ordinal)), 1, 20);
        await gateway.Facts.DescriptorsBackToAsync(descriptors);
        Assert.Equal(2, backend.Accepted);
    }

    [Theory]
    [InlineData("tls")]
    [InlineData("tcp")]
    [InlineData("http")]
    public async Task Ten_megabytes_without_a_line_end_are_not_read(string mode)
    {
        const int Floods = 20;
        using TestBackend backend = TestBackend.Start("a", proxy: false);
        await using Gateway gateway = await StartAsync(backend, mode, "accept");
        byte[] flood = [.. "PROXY "u8, .. Enumerable.Repeat((byte)'x', 10 << 20)];
        await FloodAsync(gateway, flood);
        long resident = gateway.Facts.ResidentBytes;
        foreach (TimeSpan after in await Task.WhenAll(Enumerable.Range(0, Floods).Select(_ => FloodAsync(gateway, flood))))
            Assert.True(after < HeaderTimeout, $"closed after {after}");
        Assert.InRange(gateway.Facts.ResidentBytes, 0, resident + (8 << 20));
        Assert.Equal(0, backend.Accepted);
    }

    [Fact]
    public async Task On_a_tcp_listener_a_silent_trusted_peer_goes_on_without_a_header_and_others_do_not_wait()
    {
        using TestBackend backend = TestBackend.Start("smtp", SpeakFirstAsync);
        IPAddress trusted = Loopback.NextAddress();
        await using Gateway gateway = await Gateway.StartAsync(new GatewayConfig().Gateway("proxy-header-timeout", "2s").Listen(
            "door", "tcp", Loopback.NextV4(), ("accept-proxy", "accept"), ("trusted-proxies", $"{trusted}"), ("backend", backend.Address), ("proxy-protocol", "v1")));
        long start = Stopwatch.GetTimestamp();
        using TestClient silent = await TestClient.ConnectAsync(gateway.Config.EndPoint("door"), trusted);
        using TestClient stranger = await TestClient.ConnectAsync(gateway.Config.EndPoint("door"));
        Assert.Equal($"220 {stranger.LocalEndPoint}", await stranger.ReceiveLineAsync());
        // Who speaks is not kept waiting, whatever it says.
        using TestClient named = await TestClient.ConnectAsync(gateway.Config.EndPoint("door"), trusted), plain = await TestClient.ConnectAsync(gateway.Config.EndPoint("door"), trusted);
        await named.SendAsync(ProxyBytes.V1(Client, Place));
        await plain.SendAsync("EHLO x\r\n");
        Assert.Equal($"220 {Client}", await named.ReceiveLineAsync());
        Assert.Equal($"220 {plain.LocalEndPoint}", await plain.ReceiveLineAsync());
        Assert.Equal($"220 {silent.LocalEndPoint}", await silent.ReceiveLineAsync());
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromSeconds(2), "before the timeout");
        foreach (TestClient one in new[] { silent, stranger, named, plain })
        {
            one.ShutdownSend();
            Assert.Equal(Ending.Fin, (await one.ReceiveToEndAsync()).Ending);
        }
        foreach (TestClient one in new[] { silent, stranger, plain })
            Assert.Equal("complete", await gateway.AccessLog.EndOfAsync(one.LocalEndPoint));
        Assert.Equal("complete", await gateway.AccessLog.EndOfAsync(Client));
    }

    private static async Task SpeakFirstAsync(BackendSession session)
    {
        await session.SendAsync($"220 {session.Peer}\n");
        await session.KeepTheRestAsync();
    }

    /// <returns>How long it took to be closed.</returns>
    private static async Task<TimeSpan> FloodAsync(Gateway gateway, byte[] flood)
    {
        long start = Stopwatch.GetTimestamp();
        using TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint("door"));
        await client.TrySendAsync(flood);
        Transcript answer = await client.ReceiveToEndAsync();
        TimeSpan after = Stopwatch.GetElapsedTime(start);
        client.Dispose();
        Assert.True(answer.Bytes.Length == 0 && answer.Ending != Ending.Open, answer.Text);
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Equal(("proxy-header", 0L), (line.End, line.Up));
        return after;
    }

    private static async Task<(TimeSpan After, Transcript Answer, IPEndPoint Peer)> WaitForTheEndAsync(Gateway gateway, IPAddress from, bool drips)
    {
        byte[] header = ProxyBytes.V1(Client, Place);
        long start = Stopwatch.GetTimestamp();
        using TestClient peer = await TestClient.ConnectAsync(gateway.Config.EndPoint("door"), from);
        Task<Transcript> answer = peer.ReceiveToEndAsync();
        for (int at = 0; drips && at < header.Length && !answer.IsCompleted; at++)
        {
            await peer.TrySendAsync(header.AsMemory(at, 1));
            await Task.WhenAny(answer, Task.Delay(1_000));
        }
        return (await answer, peer.LocalEndPoint) is var (ended, local) ? (Stopwatch.GetElapsedTime(start), ended, local) : default;
    }

    private static async Task<string> AskAsync(Gateway gateway)
    {
        using TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint("door"));
        await client.SendAsync((byte[])[.. ProxyBytes.V2(Client, Place), .. HelloBytes.For("a.home.test")]);
        return (await client.ReceiveLineAsync()).Split(' ')[0];
    }

    private static Task<Gateway> StartAsync(TestBackend backend, string mode, string how, int workers = 1)
    {
        GatewayConfig config = new GatewayConfig(workers).Gateway("proxy-header-timeout", "3s").Gateway("trusted-proxies", "127.0.0.0/8")
            .Listen("door", mode, Loopback.NextV4(), [("accept-proxy", how), .. mode == "tcp" ? [("backend", backend.Address)] : Array.Empty<(string, string)>()]);
        return Gateway.StartAsync(mode == "tls" ? config.Passthrough("a", "a.home.test", backend) : config);
    }
}
