using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.NativeTests.InProcess;

public class ProxyProtocolTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    [InlineData("::1")]
    public async Task A_version_1_header_comes_before_the_hello_and_names_both_ends(string listenAddress)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await StartAsync(backend, ProxyProtocol.V1, listenAddress);
        using Socket client = gateway.Connect(Hellos.App);
        byte[] header = Encoding.ASCII.GetBytes(Proxies.V1(client));
        using Socket server = await backend.AcceptAsync();
        Assert.Equal([.. header, .. Hellos.App], server.ReadExactly(header.Length + Hellos.App.Length));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_version_2_header_comes_before_the_hello_and_names_both_ends(string listenAddress)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await StartAsync(backend, ProxyProtocol.V2, listenAddress);
        using Socket client = gateway.Connect(Hellos.App);
        byte[] header = Proxies.V2(client);
        using Socket server = await backend.AcceptAsync();
        Assert.Equal([.. header, .. Hellos.App], server.ReadExactly(header.Length + Hellos.App.Length));
    }

    /// <summary>HAProxy and nginx fail a connection whose header comes in two pieces.</summary>
    [Fact]
    public async Task Header_and_hello_are_there_at_the_first_read()
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await StartAsync(backend, ProxyProtocol.V1, "127.0.0.1");
        for (int i = 0; i < 100; i++)
        {
            using Socket client = gateway.Connect(Hellos.App);
            int expected = Proxies.V1(client).Length + Hellos.App.Length;
            using Socket server = await backend.AcceptAsync();
            Assert.Equal(expected, server.Receive(new byte[2 * expected]));
        }
    }

    [Fact]
    public async Task A_version_2_header_carries_what_the_section_asks_for()
    {
        using var backend = Backend.Start();
        BackendOptions options = backend.Options with { ProxyProtocol = ProxyProtocol.V2, ProxyTlvs = ProxyTlvs.Authority | ProxyTlvs.Alpn };
        using TestGateway gateway = await TestGateway.StartAsync(new Setup { Named = options }.Snapshot);
        using Socket client = gateway.Connect(Hellos.App);
        byte[] plain = Proxies.V2(client);
        byte[] tlvs = [0x01, 0, 2, .. "h2"u8, 0x02, 0, 15, .. "app.example.org"u8];
        plain[15] += (byte)tlvs.Length;
        using Socket server = await backend.AcceptAsync();
        Assert.Equal([.. plain, .. tlvs, .. Hellos.App], server.ReadExactly(plain.Length + tlvs.Length + Hellos.App.Length));
    }

    [Theory]
    [InlineData(ProxyProtocol.Off)]
    [InlineData(ProxyProtocol.V1)]
    [InlineData(ProxyProtocol.V2)]
    public async Task A_tcp_listener_lets_the_server_speak_first(ProxyProtocol protocol)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync((Setup.To(backend, protocol) with { Mode = ListenMode.Tcp }).Snapshot);
        using Socket client = gateway.Connect();
        byte[] header = protocol switch
        {
            ProxyProtocol.V1 => Encoding.ASCII.GetBytes(Proxies.V1(client)),
            ProxyProtocol.V2 => Proxies.V2(client),
            _ => [],
        };
        using Socket server = await backend.AcceptAsync();
        Assert.Equal(header, server.ReadExactly(header.Length));
        server.SendAll("220 ready\r\n"u8);
        Assert.Equal("220 ready\r\n"u8.ToArray(), client.ReadExactly(11));
        client.SendAll("QUIT\r\n"u8);
        Assert.Equal("QUIT\r\n"u8.ToArray(), server.ReadExactly(6));
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n")]
    [InlineData("PROXY ")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n!")]
    public async Task A_header_from_a_client_is_refused_and_reaches_nobody(string forged)
    {
        using var backend = Backend.Start();
        Setup setup = Setup.To(backend) with { Nameless = backend.Options, NotTls = backend.Options };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Snapshot);
        using Socket client = gateway.Connect([.. Encoding.Latin1.GetBytes(forged), .. Hellos.App]);
        Assert.Empty(client.ReadToEnd());
        client.Close();
        Assert.Equal(CloseReason.ProxyHeader, await gateway.NextEndAsync());
        Assert.False(backend.HasCallers);
    }

    private static Task<TestGateway> StartAsync(Backend backend, ProxyProtocol protocol, string listenAddress)
    {
        ImmutableArray<ListenEndpoint> endpoints = [new ListenEndpoint(IPAddress.Parse(listenAddress), 0)];
        return TestGateway.StartAsync((Setup.To(backend, protocol) with { Endpoints = endpoints }).Snapshot);
    }
}
