using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Proxy;

/// <summary>max-connections-per-client = n behind a trusted proxy: it counts the clients that headers name, an IPv6 /64 as one, and not the proxy.</summary>
public sealed class RestoredLimitTests
{
    private const int Limit = 3;

    private static readonly IPEndPoint Place = IPEndPoint.Parse("198.51.100.3:443"), Place6 = IPEndPoint.Parse("[2001:db8::3]:443");
    private static readonly byte[] Hello = HelloBytes.For("a.home.test");

    [Theory]
    [InlineData("tls", "192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("tls", "2001:db8::1", "2001:db8::ffff:0:0:2", "2001:db8:0:1::1")]
    [InlineData("tcp", "2001:db8::1", "2001:db8:0:0:1234::", "2001:db8:1::1")]
    public async Task The_next_after_n_is_closed_at_once_and_a_place_that_is_left_is_free(string mode, string client, string same, string other)
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync, proxy: false);
        (string, string)[] tcp = mode == "tcp" ? [("backend", backend.Address)] : [];
        GatewayConfig config = new GatewayConfig(workers: 2).Gateway("max-connections-per-client", $"{Limit}")
            .Listen("door", mode, Loopback.NextV4(), [("accept-proxy", "require"), ("trusted-proxies", "127.0.0.0/8"), .. tcp]);
        if (mode == "tls")
            config.Passthrough("a", "a.home.test", backend);
        await using Gateway gateway = await Gateway.StartAsync(config);
        List<TestClient> open = [];
        for (int i = 0; i < Limit; i++)
            open.Add(await EnterAsync(gateway, i == 0 ? client : same));
        await AssertRefusedAsync(gateway, client);
        await AssertRefusedAsync(gateway, same);
        // Others have places of their own, and so have those who are not named.
        for (int i = 0; i < Limit; i++)
            open.Add(await EnterAsync(gateway, other));
        await AssertRefusedAsync(gateway, other);
        for (int i = 0; i < 2 * Limit; i++)
            open.Add(await EnterAsync(gateway, ProxyBytes.V2(ProxyBytes.Local, 0, [])));

        open[0].ShutdownSend();
        Assert.Equal(Ending.Fin, (await open[0].ReceiveToEndAsync()).Ending);
        TestClient? again = null;
        await Patience.UntilAsync(async () => (again = await TryEnterAsync(gateway, same)) is not null, () => "a free place");
        await AssertRefusedAsync(gateway, client);
        foreach (TestClient one in open.Append(again!))
            one.Dispose();
    }

    [Fact]
    public async Task A_client_that_was_handed_over_keeps_its_place_until_it_leaves()
    {
        using HttpBackend backend = HttpBackend.Start("app");
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url).Gateway("max-connections-per-client", "2")
            .Gateway("trusted-proxies", "127.0.0.0/8").Set("listen:https", "accept-proxy", "require").Set("listen:http", "accept-proxy", "require"));
        byte[] header = HeaderOf("192.0.2.1");
        using WireClient site = await WireClient.ConnectAsync(gateway.Https, HttpRooms.SiteName, header: header);
        using WireClient plain = await WireClient.ConnectAsync(gateway.Config.EndPoint("http"), null, header: header);
        Assert.Equal(200, (await site.GetAsync(HttpRooms.SiteName)).Status);
        Assert.Equal(200, (await plain.GetAsync(HttpRooms.PlainName)).Status);
        using TestClient third = await TestClient.ConnectAsync(gateway.Config.EndPoint("http"));
        await third.SendAsync(header);
        Assert.Empty((await third.ReceiveToEndAsync()).Bytes);
        site.Dispose();
        await Patience.UntilAsync(async () =>
        {
            using WireClient again = await WireClient.ConnectAsync(gateway.Config.EndPoint("http"), null, header: header);
            await again.TrySendAsync(System.Text.Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {HttpRooms.PlainName}\r\n\r\n"));
            return (await again.Responses.ReadAsync("GET"))?.Status == 200;
        }, () => "a free place");
        await Patience.UntilAsync(() => Refused(gateway, "192.0.2.1") > 0, () => "a line of the refusal");
    }

    private static byte[] HeaderOf(string client) =>
        ProxyBytes.V2(new IPEndPoint(IPAddress.Parse(client), 4711), client.Contains(':', StringComparison.Ordinal) ? Place6 : Place);

    private static async Task<TestClient> EnterAsync(Gateway gateway, string client)
    {
        TestClient? entered = await TryEnterAsync(gateway, client);
        Assert.True(entered is not null, $"{client} was refused\n{string.Join('\n', gateway.AccessLog.RawLines)}");
        return entered;
    }

    private static Task<TestClient?> TryEnterAsync(Gateway gateway, string client) => TryEnterAsync(gateway, HeaderOf(client));

    private static async Task<TestClient> EnterAsync(Gateway gateway, byte[] header) => (await TryEnterAsync(gateway, header))!;

    /// <summary>null where it was refused.</summary>
    private static async Task<TestClient?> TryEnterAsync(Gateway gateway, byte[] header)
    {
        TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint("door"));
        await client.SendAsync((byte[])[.. header, .. Hello]);
        byte[] echoed = new byte[Hello.Length];
        for (int done = 0; done < echoed.Length;)
        {
            int count;
            try
            {
                count = await client.ReceiveAsync(echoed.AsMemory(done));
            }
            catch (System.Net.Sockets.SocketException)
            {
                count = 0;
            }
            if (count == 0)
            {
                client.Dispose();
                return null;
            }
            done += count;
        }
        Assert.Equal(Hello, echoed);
        return client;
    }

    private static async Task AssertRefusedAsync(Gateway gateway, string client)
    {
        int before = Refused(gateway, client);
        Assert.Null(await TryEnterAsync(gateway, client));
        await Patience.UntilAsync(() => Refused(gateway, client) == before + 1, () => $"a line with client-limit of {client}\n{string.Join('\n', gateway.AccessLog.RawLines)}");
    }

    private static int Refused(Gateway gateway, string client) =>
        gateway.AccessLog.Lines.Count(line => line.End == "client-limit" && line.Client == new IPEndPoint(IPAddress.Parse(client), 4711).ToString());
}
