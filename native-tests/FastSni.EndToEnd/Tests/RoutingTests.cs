using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>The main job in small: the name decides, the backend learns who is there.</summary>
public sealed class RoutingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Each_name_reaches_its_own_backend_which_learns_the_real_client(int workers)
    {
        using TestBackend mail = TestBackend.Start("mail"), cloud = TestBackend.Start("cloud");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers)
            .Passthrough("mail", "mail.home.test", mail)
            .Passthrough("cloud", "cloud.home.test, *.cloud.home.test", cloud));

        for (int round = 0; round < 20; round++)
        {
            using TestClient client = await gateway.ConnectAsync(), other = await gateway.ConnectAsync();
            Assert.Equal($"mail {client.LocalEndPoint}", await client.AskAsync("mail.home.test"));
            Assert.Equal($"cloud {other.LocalEndPoint}", await other.AskAsync("photos.cloud.home.test"));
        }
    }

    [Theory]
    [InlineData(1, SslProtocols.Tls12)]
    [InlineData(1, SslProtocols.Tls13)]
    [InlineData(2, SslProtocols.Tls12)]
    [InlineData(2, SslProtocols.Tls13)]
    public async Task A_client_makes_its_handshake_with_the_certificate_of_the_backend(int workers, SslProtocols protocols)
    {
        using TestBackend a = TlsBackend.Start("a"), b = TlsBackend.Start("b");
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https(workers).Passthrough("a", "a.home.test", a).Passthrough("b", "b.home.test", b));

        using TestClient first = await gateway.ConnectAsync(), second = await gateway.ConnectAsync();
        Assert.Equal($"a {first.LocalEndPoint}", await TlsBackend.AskAsync(first, "a.home.test", protocols));
        Assert.Equal($"b {second.LocalEndPoint}", await TlsBackend.AskAsync(second, "b.home.test", protocols));
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork, AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetwork, AddressFamily.InterNetworkV6)]
    [InlineData(AddressFamily.InterNetworkV6, AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6, AddressFamily.InterNetworkV6)]
    public async Task Clients_and_backends_of_either_family_meet(AddressFamily client, AddressFamily behind)
    {
        using TestBackend backend = TestBackend.Start("a", at: Loopback.Next(behind));
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(family: client).Passthrough("a", "a.home.test", backend));

        using TestClient visitor = await gateway.ConnectAsync();
        Assert.Equal($"a {visitor.LocalEndPoint}", await visitor.AskAsync("a.home.test"));
    }

    [Fact]
    public async Task A_backend_may_be_a_host_name()
    {
        int port = Loopback.NextPort();
        using TestBackend v4 = TestBackend.Start("here", at: new IPEndPoint(IPAddress.Loopback, port));
        using TestBackend v6 = TestBackend.Start("here", at: new IPEndPoint(IPAddress.IPv6Loopback, port));
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Passthrough("a", "a.home.test", $"localhost:{port}", ("proxy-protocol", "v1")));

        // The look-up runs beside the loop: the first clients may come before its answer.
        await Patience.UntilAsync(async () => await gateway.AskAsync("a.home.test") == "here", () => gateway.Log.Tail);
        using TestClient client = await gateway.ConnectAsync();
        Assert.Equal($"here {client.LocalEndPoint}", await client.AskAsync("a.home.test"));
    }

    [Fact]
    public async Task A_backend_may_be_a_unix_socket()
    {
        string path = Path.Combine(Path.GetTempPath(), $"fastsni-e2e-{Guid.NewGuid():N}.sock");
        using TestBackend backend = TestBackend.Start("local", at: new UnixDomainSocketEndPoint(path));
        try
        {
            await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
            using TestClient client = await gateway.ConnectAsync();
            Assert.Equal($"local {client.LocalEndPoint}", await client.AskAsync("a.home.test"));
            client.ShutdownSend();
            Assert.Equal($"unix:{path}", (await gateway.AccessLog.LineOfAsync(client.LocalEndPoint)).Backend);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Without_PROXY_the_backend_receives_the_bare_hello()
    {
        using TestBackend backend = TestBackend.Start("plain", proxy: false);
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));

        byte[] hello = HelloBytes.For("a.home.test");
        using TestClient client = await gateway.ConnectAsync();
        Assert.StartsWith("plain ", await client.AskAsync(hello), StringComparison.Ordinal);
        client.ShutdownSend();
        BackendSession session = await backend.NextAsync();
        await session.Finished;
        Assert.Equal(hello, session.Payload);
    }
}
