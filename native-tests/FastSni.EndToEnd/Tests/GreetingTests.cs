using System.Net;
using System.Net.Sockets;
using System.Text;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>The PROXY header a backend is greeted with. <see cref="ProxyHeader"/> reads it strictly, checksum included.</summary>
public sealed class GreetingTests
{
    [Theory]
    [InlineData("v1", 1)]
    [InlineData("v1", 2)]
    [InlineData("v2", 1)]
    [InlineData("v2", 2)]
    public async Task Header_and_hello_are_there_at_the_backends_first_read(string version, int workers)
    {
        int runs = Scale.Of(300, 1_000);
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https(workers).Passthrough("a", "a.home.test", backend.Address, ("proxy-protocol", version)));
        byte[] hello = HelloBytes.OfSize("a.home.test", 1_900);

        int together = 0;
        for (int run = 0; run < runs; run++)
        {
            using TestClient client = await gateway.ConnectAsync();
            Assert.Equal($"a {client.LocalEndPoint}", await client.AskAsync(hello));
            BackendSession session = await backend.SessionOfAsync(client.LocalEndPoint);
            Assert.Equal(version == "v1" ? 1 : 2, session.Header!.Version);
            // Never without the whole header: that is what other receivers fail on.
            Assert.True(session.FirstReadBytes >= session.Header.Raw.Length, $"a first read of {session.FirstReadBytes} bytes");
            together += session.FirstReadBytes == session.Header.Raw.Length + hello.Length ? 1 : 0;
        }
        backend.AssertNoFaults();
        Assert.True(together >= runs * 99 / 100, $"together in {together} of {runs} runs");
    }

    [Theory]
    [InlineData("v1", AddressFamily.InterNetwork, AddressFamily.InterNetwork)]
    [InlineData("v1", AddressFamily.InterNetwork, AddressFamily.InterNetworkV6)]
    [InlineData("v1", AddressFamily.InterNetworkV6, AddressFamily.InterNetwork)]
    [InlineData("v2", AddressFamily.InterNetwork, AddressFamily.InterNetworkV6)]
    [InlineData("v2", AddressFamily.InterNetworkV6, AddressFamily.InterNetwork)]
    [InlineData("v2", AddressFamily.InterNetworkV6, AddressFamily.InterNetworkV6)]
    public async Task A_listener_on_every_address_names_both_ends_in_the_clients_own_family(
        string version, AddressFamily client, AddressFamily behind)
    {
        using TestBackend backend = TestBackend.Start("a", at: Loopback.Next(behind));
        int port = Loopback.NextPort();
        await using Gateway gateway = await Gateway.StartAsync(new GatewayConfig()
            .ListenEverywhere("https", "tls", port).Passthrough("a", "a.home.test", backend.Address, ("proxy-protocol", version)));
        IPEndPoint door = new(client == AddressFamily.InterNetwork ? Loopback.NextAddress() : IPAddress.IPv6Loopback, port);

        using TestClient visitor = await TestClient.ConnectAsync(door);
        Assert.Equal($"a {visitor.LocalEndPoint}", await visitor.AskAsync("a.home.test"));
        ProxyHeader header = (await backend.SessionOfAsync(visitor.LocalEndPoint)).Header!;
        Assert.Equal(client == AddressFamily.InterNetwork ? "TCP4" : "TCP6", header.Family);
        Assert.Equal((visitor.LocalEndPoint, door), (header.Source, header.Destination));
        Assert.Equal(visitor.LocalEndPoint.ToString(), (await EndedAsync(gateway, visitor)).Client);
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork, 28)]
    [InlineData(AddressFamily.InterNetworkV6, 52)]
    public async Task A_v2_header_without_TLVs_has_no_byte_too_many(AddressFamily family, int bytes)
    {
        ProxyHeader header = await GreetAsync(family, tlvs: null, "a.home.test");
        Assert.Equal(bytes, header.Raw.Length);
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task Every_TLV_is_there_when_asked_for_and_the_checksum_is_right(AddressFamily family)
    {
        ProxyHeader header = await GreetAsync(family, "authority, alpn, unique-id, crc32c", "A.home.test", "h2");
        Assert.Equal([ProxyHeader.TlvAlpn, ProxyHeader.TlvAuthority, ProxyHeader.TlvCrc32c, ProxyHeader.TlvUniqueId], header.Tlvs.Keys.Order());
        Assert.Equal("a.home.test", Encoding.ASCII.GetString(header.Tlvs[ProxyHeader.TlvAuthority]), ignoreCase: true);
        Assert.Equal("h2", Encoding.ASCII.GetString(header.Tlvs[ProxyHeader.TlvAlpn]));
        Assert.InRange(header.Tlvs[ProxyHeader.TlvUniqueId].Length, 1, 128);
    }

    [Theory]
    [InlineData("authority", ProxyHeader.TlvAuthority)]
    [InlineData("unique-id", ProxyHeader.TlvUniqueId)]
    [InlineData("crc32c", ProxyHeader.TlvCrc32c)]
    public async Task A_TLV_asked_for_alone_comes_alone(string tlv, int type)
    {
        ProxyHeader header = await GreetAsync(AddressFamily.InterNetwork, tlv, "a.home.test");
        Assert.Equal([type], header.Tlvs.Keys);
    }

    [Fact]
    public async Task A_client_that_offers_no_ALPN_gets_no_TLV_for_it()
    {
        ProxyHeader header = await GreetAsync(AddressFamily.InterNetwork, "authority, alpn", "a.home.test");
        Assert.Equal([ProxyHeader.TlvAuthority], header.Tlvs.Keys);
    }

    [Fact]
    public async Task A_unique_id_is_never_given_twice()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers: 2)
            .Passthrough("a", "a.home.test", backend.Address, ("proxy-protocol", "v2"), ("proxy-tlv", "unique-id")));
        for (int run = 0; run < 100; run++)
            Assert.Equal("a", await gateway.AskAsync("a.home.test"));
        Assert.Equal(100, backend.Sessions.Select(session => Convert.ToHexString(session.Header!.Tlvs[ProxyHeader.TlvUniqueId])).Distinct().Count());
    }

    private static async Task<ProxyHeader> GreetAsync(AddressFamily family, string? tlvs, string serverName, params string[] alpn)
    {
        using TestBackend backend = TestBackend.Start("a", at: Loopback.Next(family));
        GatewayConfig config = GatewayConfig.Https(family: family).Passthrough("a", "a.home.test", backend.Address, ("proxy-protocol", "v2"));
        if (tlvs is not null)
            config.Set("passthrough:a", "proxy-tlv", tlvs);
        await using Gateway gateway = await Gateway.StartAsync(config);
        using TestClient client = await gateway.ConnectAsync();
        Assert.Equal($"a {client.LocalEndPoint}", await client.AskAsync(HelloBytes.For(serverName, alpn)));
        ProxyHeader header = (await backend.SessionOfAsync(client.LocalEndPoint)).Header!;
        Assert.Equal((client.LocalEndPoint, gateway.Https), (header.Source, header.Destination));
        return header;
    }

    private static Task<AccessLogLine> EndedAsync(Gateway gateway, TestClient client)
    {
        client.ShutdownSend();
        return gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
    }
}
