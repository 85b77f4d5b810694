using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>mode = tcp: plain forwarding of any protocol, with the PROXY header where the backend wants it.</summary>
public sealed class TcpListenerTests
{
    [Theory]
    [InlineData("off", 1)]
    [InlineData("v1", 1)]
    [InlineData("v2", 2)]
    public async Task A_server_that_speaks_first_is_heard_before_the_client_says_a_word(string proxy, int workers)
    {
        using TestBackend backend = TestBackend.Start("smtp", SmtpAsync, proxy: proxy != "off");
        await using Gateway gateway = await StartAsync(backend, workers, ("proxy-protocol", proxy));
        using TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint("smtp"));
        Assert.Equal("220 smtp ready\r", await client.ReceiveLineAsync());
        await client.SendAsync("EHLO client.test\r\n");
        Assert.Equal(proxy == "off" ? "250 hello\r" : $"250 hello {client.LocalEndPoint}\r", await client.ReceiveLineAsync());
        await client.SendAsync("QUIT\r\n");
        Assert.Equal("221 bye\r", await client.ReceiveLineAsync());
        Assert.Equal(Ending.Fin, (await client.ReceiveToEndAsync()).Ending);
        client.Dispose();

        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Equal(("smtp", "", "", "complete"), (line.Listener, line.Name, line.Alpn, line.End));
        Assert.Equal((backend.Address, 24L), (line.Backend, line.Up));
    }

    [Fact]
    public async Task A_server_that_speaks_first_is_greeted_with_the_PROXY_header_before_that()
    {
        using TestBackend backend = TestBackend.Start("smtp", SmtpAsync);
        await using Gateway gateway = await StartAsync(backend, 1, ("proxy-protocol", "v2"));
        using TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint("smtp"));
        ProxyHeader header = (await backend.SessionOfAsync(client.LocalEndPoint)).Header!;
        Assert.Equal((2, client.LocalEndPoint, gateway.Config.EndPoint("smtp")), (header.Version, header.Source, header.Destination));
    }

    [Fact]
    public async Task Half_close_works_both_ways_on_a_tcp_listener()
    {
        const int Bytes = 3 << 20;
        using TestBackend backend = TestBackend.Start("plain", proxy: false, script: async session =>
        {
            (await session.ReceivePatternAsync(new Pattern(1))).AssertWhole(Bytes);
            await session.SendPatternAsync(new Pattern(2), Bytes);
        });
        await using Gateway gateway = await StartAsync(backend, 1);
        using TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint("smtp"));
        await client.SendPatternAsync(new Pattern(1), Bytes);
        client.ShutdownSend();
        (await client.ReceivePatternAsync(new Pattern(2))).AssertWhole(Bytes);
        backend.AssertNoFaults();
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork, AddressFamily.InterNetworkV6)]
    [InlineData(AddressFamily.InterNetworkV6, AddressFamily.InterNetwork)]
    public async Task Tcp_clients_and_backends_of_either_family_meet(AddressFamily client, AddressFamily behind)
    {
        using TestBackend backend = TestBackend.Start("smtp", SmtpAsync, at: Loopback.Next(behind));
        await using Gateway gateway = await Gateway.StartAsync(new GatewayConfig().Listen(
            "smtp", "tcp", Loopback.Next(client), ("backend", backend.Address), ("proxy-protocol", "v1")));
        using TestClient visitor = await TestClient.ConnectAsync(gateway.Config.EndPoint("smtp"));
        Assert.Equal("220 smtp ready\r", await visitor.ReceiveLineAsync());
        await visitor.SendAsync("EHLO client.test\r\n");
        Assert.Equal($"250 hello {visitor.LocalEndPoint}\r", await visitor.ReceiveLineAsync());
    }

    [Fact]
    public async Task A_tcp_listener_takes_every_backend_key()
    {
        using TestBackend one = TestBackend.Start("one", SmtpAsync), two = TestBackend.Start("two", SmtpAsync);
        await using Gateway gateway = await Gateway.StartAsync(new GatewayConfig().Listen(
            "smtp", "tcp", Loopback.NextV4(),
            ("backend", $"{one.Address}, {Loopback.NextV4()}, {two.Address}"), ("balance", "round-robin"), ("proxy-protocol", "v2"),
            ("proxy-tlv", "unique-id, crc32c"), ("source-address", "auto")));
        HashSet<string> greetings = [];
        for (int run = 0; run < 6; run++)
        {
            using TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint("smtp"));
            greetings.Add(await client.ReceiveLineAsync());
        }
        Assert.Equal(["220 one ready\r", "220 two ready\r"], greetings.Order());
        one.AssertNoFaults();
        two.AssertNoFaults();
    }

    [Fact]
    public async Task A_source_address_is_where_the_backend_sees_us_come_from()
    {
        System.Net.IPAddress ours = Loopback.NextAddress();
        using TestBackend backend = TestBackend.Start("plain", proxy: false);
        await using Gateway gateway = await StartAsync(backend, 1, ("source-address", ours.ToString()));
        using TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint("smtp"));
        await client.SendAsync("hello\n");
        Assert.StartsWith($"plain {ours}:", await client.ReceiveLineAsync(), StringComparison.Ordinal);
    }

    private static Task<Gateway> StartAsync(TestBackend backend, int workers, params (string Key, string Value)[] more) => Gateway.StartAsync(
        new GatewayConfig(workers).Listen("smtp", "tcp", Loopback.NextV4(), [("backend", backend.Address), .. more]));

    private static async Task SmtpAsync(BackendSession session)
    {
        await session.SendAsync($"220 {session.Backend.Name} ready\r\n");
        if (!(await session.ReceiveLineAsync()).StartsWith("EHLO", StringComparison.Ordinal))
            return;
        await session.SendAsync(session.Header is null ? "250 hello\r\n" : $"250 hello {session.Peer}\r\n");
        await session.ReceiveLineAsync();
        await session.SendAsync("221 bye\r\n");
    }
}
