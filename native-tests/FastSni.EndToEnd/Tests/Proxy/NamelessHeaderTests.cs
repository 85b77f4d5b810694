using System.Net;
using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Proxy;

/// <summary>UNKNOWN, LOCAL, unix and UDP in; version 1 and 2 out: the socket's own addresses, never 0.0.0.0 and never what the header claims.</summary>
public sealed class NamelessHeaderTests
{
    private const AddressFamily V4 = AddressFamily.InterNetwork, V6 = AddressFamily.InterNetworkV6;

    [Theory]
    [InlineData("tls", "v1", V4)]
    [InlineData("tls", "v2", V4)]
    [InlineData("tls", "v2", V6)]
    [InlineData("tcp", "v1", V6)]
    [InlineData("tcp", "v2", V4)]
    public async Task The_backend_is_told_the_sockets_own_addresses(string mode, string outwards, AddressFamily family)
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.MirrorAsync);
        (string Key, string Value)[] behind = [("backend", backend.Address), ("proxy-protocol", outwards)];
        IPEndPoint door = Loopback.Next(family);
        GatewayConfig config = new GatewayConfig().Gateway("trusted-proxies", "127.0.0.0/8, ::1")
            .Listen("door", mode, door, [("accept-proxy", "require"), .. mode == "tcp" ? behind : []]);
        if (mode == "tls")
            config.Passthrough("a", "a.home.test", backend.Address, behind[1]);
        await using Gateway gateway = await Gateway.StartAsync(config);
        byte[] hello = HelloBytes.For("a.home.test");
        foreach ((string name, byte[] bytes) in ProxyBytes.Nameless)
        {
            using TestClient client = await TestClient.ConnectAsync(door);
            await client.SendAsync((byte[])[.. bytes, .. hello]);
            client.ShutdownSend();
            string[] told = (await client.ReceiveToEndAsync()).Text.Split(' ');
            ProxyHeader header = ProxyHeader.Read(Convert.FromHexString(told[0]))!;
            Assert.Equal((name, client.LocalEndPoint, door), (name, header.Source, header.Destination));
            Assert.Equal(hello, Convert.FromHexString(told[1]));
            Assert.Equal((name, "complete"), (name, await gateway.AccessLog.EndOfAsync(client.LocalEndPoint)));
        }
        backend.AssertNoFaults();
    }
}
