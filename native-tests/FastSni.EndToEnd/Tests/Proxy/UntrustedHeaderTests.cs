using System.Net;
using System.Text;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Proxy;

/// <summary>Who may send a PROXY header, and what becomes of those who may not: closed without a byte, and logged under the socket's own address.</summary>
public sealed class UntrustedHeaderTests
{
    private static readonly IPEndPoint Client = IPEndPoint.Parse("192.0.2.7:4711"), Place = IPEndPoint.Parse("198.51.100.3:443");

    [Theory]
    [InlineData("tls", "off", 1)]
    [InlineData("tls", "off", 2)]
    [InlineData("tls", "accept", 1)]
    [InlineData("tls", "require", 2)]
    [InlineData("http", "off", 1)]
    [InlineData("http", "accept", 2)]
    [InlineData("http", "require", 1)]
    [InlineData("tcp", "require", 1)]
    public async Task A_header_of_version_1_or_2_from_a_stranger_is_refused_before_anything_else_is_asked(string mode, string how, int workers)
    {
        using TestBackend backend = TestBackend.Start("a", proxy: false);
        await using Gateway gateway = await StartAsync(backend, mode, how, Loopback.NextAddress(), workers);
        foreach (byte[] header in new[] { ProxyBytes.V1(Client, Place), ProxyBytes.V2(Client, Place), ProxyBytes.Nameless["v1 UNKNOWN"], ProxyBytes.Nameless["v2 LOCAL"] })
        {
            using TestClient stranger = await TestClient.ConnectAsync(gateway.Config.EndPoint("door"));
            await stranger.TrySendAsync((byte[])[.. header, .. Talk(mode)]);
            Transcript answer = await stranger.ReceiveToEndAsync();
            stranger.Dispose();
            Assert.True(answer.Bytes.Length == 0 && answer.Ending != Ending.Open, $"{answer.Ending} {answer.Text}");
            AccessLogLine line = await gateway.AccessLog.LineOfAsync(stranger.LocalEndPoint);
            Assert.Equal(("door", "proxy-header", 0L, "-"), (line.Listener, line.End, line.Up, line.Backend));
            if (header[0] == 'P' && header.Length > 20)
                await gateway.Log.LineWithAsync($"{stranger.LocalEndPoint}");
        }
        Assert.DoesNotContain(gateway.AccessLog.RawLines, line => line.Contains("192.0.2.7", StringComparison.Ordinal));
        Assert.Equal(0, backend.Accepted);
    }

    /// <summary>On port 80 too, where everybody else is handed over as they come.</summary>
    [Theory]
    [InlineData("tls", "off", 1)]
    [InlineData("tls", "accept", 11)]
    [InlineData("http", "off", 1)]
    [InlineData("http", "off", 11)]
    [InlineData("http", "accept", 0)]
    [InlineData("http", "accept", 5)]
    public async Task A_strangers_header_that_comes_late_or_in_pieces_is_refused_all_the_same(string mode, string how, int place)
    {
        using TestBackend backend = TestBackend.Start("a", proxy: false);
        await using Gateway gateway = await StartAsync(backend, mode, how, Loopback.NextAddress());
        foreach (byte[] header in new[] { ProxyBytes.V1(Client, Place), ProxyBytes.V2(Client, Place) })
        {
            int cut = header[0] == 'P' ? Math.Min(place, 5) : place;
            using TestClient stranger = await TestClient.ConnectAsync(gateway.Config.EndPoint("door"));
            await stranger.SendAsync(header.AsMemory(0, cut));
            await Task.Delay(200);
            await stranger.TrySendAsync((byte[])[.. header[cut..], .. Talk(mode)]);
            Transcript answer = await stranger.ReceiveToEndAsync();
            stranger.Dispose();
            Assert.True(answer.Bytes.Length == 0 && answer.Ending != Ending.Open, $"{answer.Ending} {answer.Text}");
            Assert.Equal("proxy-header", await gateway.AccessLog.EndOfAsync(stranger.LocalEndPoint));
        }
        Assert.Equal(0, backend.Accepted);
    }

    [Theory]
    [InlineData("tls", "off")]
    [InlineData("tls", "accept")]
    [InlineData("tls", "require")]
    [InlineData("tcp", "off")]
    [InlineData("tcp", "accept")]
    [InlineData("tcp", "require")]
    public async Task Off_accept_and_require_differ_as_documented(string mode, string how)
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.MirrorAsync, proxy: false);
        IPAddress trusted = Loopback.NextAddress();
        await using Gateway gateway = await StartAsync(backend, mode, how, trusted);
        Assert.Equal(how != "require", await IsServedAsync(gateway, Loopback.NextAddress(), Talk(mode)));
        Assert.Equal(how != "require", await IsServedAsync(gateway, trusted, Talk(mode)));
        // A tcp listener that reads no headers waits for nobody's bytes, so it may not see one in time.
        if (mode == "tcp" && how == "off")
            return;
        Assert.Equal(how != "off", await IsServedAsync(gateway, trusted, [.. ProxyBytes.V2(Client, Place), .. Talk(mode)]));
        // The second header is the client's own.
        Assert.False(await IsServedAsync(gateway, trusted, [.. ProxyBytes.V2(Client, Place), .. ProxyBytes.V2(Client, Place), .. Talk(mode)]));
    }

    [Fact]
    public async Task A_listener_trusts_its_own_proxies_and_those_of_all_and_nobody_elses()
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.MirrorAsync, proxy: false);
        IPAddress all = Loopback.NextAddress(), one = Loopback.NextAddress(), two = Loopback.NextAddress();
        GatewayConfig config = new GatewayConfig().Gateway("trusted-proxies", $"{all}/32").Passthrough("a", "a.home.test", backend)
            .Listen("one", "tls", Loopback.NextV4(), ("accept-proxy", "require"), ("trusted-proxies", $"{one}"))
            .Listen("two", "tls", Loopback.NextV4(), ("accept-proxy", "require"), ("trusted-proxies", $"{two}"));
        await using Gateway gateway = await Gateway.StartAsync(config);
        foreach ((string listener, IPAddress own, IPAddress others) in new[] { ("one", one, two), ("two", two, one) })
        {
            byte[] bytes = [.. ProxyBytes.V1(Client, Place), .. Talk("tls")];
            Assert.True(await IsServedAsync(gateway, own, bytes, listener));
            Assert.True(await IsServedAsync(gateway, all, bytes, listener));
            Assert.False(await IsServedAsync(gateway, others, bytes, listener));
        }
    }

    private static async Task<bool> IsServedAsync(Gateway gateway, IPAddress from, byte[] bytes, string listener = "door")
    {
        using TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint(listener), from);
        await client.TrySendAsync(bytes);
        client.ShutdownSend();
        Transcript answer = await client.ReceiveToEndAsync();
        Assert.NotEqual(Ending.Open, answer.Ending);
        if (answer.Bytes.Length == 0)
            return false;
        byte[] forwarded = Convert.FromHexString(answer.Text.Trim());
        Assert.True(forwarded.Length > 0 && bytes.AsSpan().EndsWith(forwarded), answer.Text);
        return true;
    }

    private static byte[] Talk(string mode) =>
        mode == "http" ? Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: a.home.test\r\n\r\n") : HelloBytes.For("a.home.test");

    // What is no TLS has a way to a backend too: a header must not take it.
    private static Task<Gateway> StartAsync(TestBackend backend, string mode, string how, IPAddress trusted, int workers = 1)
    {
        GatewayConfig config = new GatewayConfig(workers).Gateway("trusted-proxies", $"{trusted}")
            .Listen("door", mode, Loopback.NextV4(), [("accept-proxy", how), .. mode == "tcp" ? [("backend", backend.Address)] : Array.Empty<(string, string)>()]);
        if (mode == "tls")
            config.Passthrough("a", "a.home.test", backend).Set("listen:door", "not-tls-action", "passthrough:a");
        return Gateway.StartAsync(config);
    }
}
