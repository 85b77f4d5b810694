using System.Net;
using System.Net.Sockets;
using System.Text;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>Who may not send a PROXY header, must and does not, or sends what is none: closed without a word, counted and logged.</summary>
public class ProxyHeaderRefusalTests
{
    private const string Header = "PROXY TCP4 192.0.2.7 198.51.100.3 4711 443\r\n";

    private static readonly byte[] V2 = Proxies.V2(IPEndPoint.Parse("192.0.2.7:4711"), IPEndPoint.Parse("198.51.100.3:443"));

    [Theory]
    [InlineData(ListenMode.Tls)]
    [InlineData(ListenMode.Tcp)]
    [InlineData(ListenMode.Http)]
    public async Task Where_a_header_is_required_strangers_are_closed_at_once(ListenMode mode)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await StartAsync(Setup.To(backend) with { Mode = mode }, AcceptProxy.Require);
        foreach (byte[] sent in new[] { [.. Encoding.ASCII.GetBytes(Header), .. Hellos.App], Hellos.App, [] })
        {
            using Socket stranger = gateway.ConnectFrom(IPAddress.Parse("127.0.0.2"));
            stranger.Send(sent, 0, sent.Length, SocketFlags.None, out _);
            IpEndpoint address = IpEndpoint.Create(IPAddress.Parse("127.0.0.2"), ((IPEndPoint)stranger.LocalEndPoint!).Port);
            Assert.Empty(stranger.ReadToLast().Bytes);
            SessionRecord record = await gateway.NextRecordAsync();
            Assert.Equal((CloseReason.ProxyHeader, "reject", address), (record.End, record.Route, record.Client));
        }
        Assert.Equal(3, gateway.Gateway.Ended(CloseReason.ProxyHeader));
        Assert.Contains(gateway.Log, line => line.StartsWith("Warning: 127.0.0.2:", StringComparison.Ordinal) && line.Contains("[listen:test]", StringComparison.Ordinal)
            && line.Contains("trusted-proxies", StringComparison.Ordinal));
        Assert.False(backend.HasCallers);
        await gateway.HasSessionsAsync(0);
    }

    [Theory]
    [InlineData(ListenMode.Tls, AcceptProxy.Off, "127.0.0.1")]
    [InlineData(ListenMode.Tls, AcceptProxy.Off, "127.0.0.2")]
    [InlineData(ListenMode.Tls, AcceptProxy.Accept, "127.0.0.2")]
    [InlineData(ListenMode.Http, AcceptProxy.Off, "127.0.0.1")]
    [InlineData(ListenMode.Http, AcceptProxy.Off, "127.0.0.2")]
    public async Task A_header_that_nobody_waits_for_is_refused(ListenMode mode, AcceptProxy how, string from)
    {
        using var backend = Backend.Start();
        Setup setup = Setup.To(backend) with { Mode = mode, NotTls = mode == ListenMode.Tls ? backend.Options : null };
        using TestGateway gateway = await StartAsync(setup, how);
        foreach (byte[] header in new[] { Encoding.ASCII.GetBytes(Header), V2 })
        {
            using Socket client = gateway.ConnectFrom(IPAddress.Parse(from));
            client.SendAll([.. header, .. Hellos.App]);
            await IsRefusedAsync(gateway, client, IpEndpoint.Create(IPAddress.Parse(from), ((IPEndPoint)client.LocalEndPoint!).Port));
        }
        Assert.False(backend.HasCallers);
        Assert.Contains(gateway.Log, line => line.Contains($"Warning: {from}:", StringComparison.Ordinal));
    }

    /// <summary>A tcp listener waits for nobody else's bytes; what is there when a server is reached is looked at.</summary>
    [Theory]
    [InlineData(AcceptProxy.Off)]
    [InlineData(AcceptProxy.Accept)]
    public async Task On_a_tcp_listener_too_if_it_is_there(AcceptProxy how)
    {
        using BlackHole hole = new();
        using var backend = Backend.Start();
        Setup setup = new()
        {
            Mode = ListenMode.Tcp,
            Named = Setup.Servers(Setup.Server(hole.Port), backend.Address),
            Options = new GatewayOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300) },
        };
        using TestGateway gateway = await StartAsync(setup, how);
        using Socket client = gateway.ConnectFrom(IPAddress.Parse("127.0.0.2"));
        client.SendAll(V2);
        Assert.Empty(client.ReadToEnd());
        client.Close();
        Assert.Equal(CloseReason.ProxyHeader, await gateway.NextEndAsync());
        using Socket server = await backend.AcceptAsync();
        Assert.Empty(server.ReadToLast().Bytes);
    }

    [Theory]
    [InlineData(ListenMode.Tls)]
    [InlineData(ListenMode.Tcp)]
    [InlineData(ListenMode.Http)]
    public async Task A_second_header_is_its_clients_forgery(ListenMode mode)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await StartAsync(Setup.To(backend) with { Mode = mode, NotTls = backend.Options }, AcceptProxy.Accept);
        foreach (byte[] second in new[] { Encoding.ASCII.GetBytes(Header), V2 })
        {
            using Socket client = gateway.Connect([.. V2, .. second, .. Hellos.App]);
            await IsRefusedAsync(gateway, client, IpEndpoint.Create(IPAddress.Parse("192.0.2.7"), 4711));
        }
        while (backend.HasCallers)
        {
            using Socket server = await backend.AcceptAsync();
            Assert.Empty(server.ReadToLast().Bytes);
        }
        // The message names who is at the socket.
        Assert.Contains(gateway.Log, line => line.Contains("Warning: 127.0.0.1:", StringComparison.Ordinal) && line.Contains("second", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ListenMode.Tls)]
    [InlineData(ListenMode.Tcp)]
    public async Task Where_a_header_is_accepted_others_are_plain_clients_and_not_waited_for(ListenMode mode)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await StartAsync(Setup.To(backend) with { Mode = mode }, AcceptProxy.Accept);
        using Socket client = gateway.ConnectFrom(IPAddress.Parse("127.0.0.2"));
        if (mode == ListenMode.Tls)
            client.SendAll(Hellos.App);
        using Socket server = await backend.AcceptAsync();
        if (mode == ListenMode.Tls)
            Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
        server.SendAll("220 ready\r\n"u8);
        Assert.Equal("220 ready\r\n"u8.ToArray(), client.ReadExactly(11));
    }

    [Theory]
    [InlineData(ListenMode.Tls)]
    [InlineData(ListenMode.Tcp)]
    public async Task And_so_is_a_trusted_peer_that_sends_something_else(ListenMode mode)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await StartAsync(Setup.To(backend, ProxyProtocol.V1) with { Mode = mode }, AcceptProxy.Accept);
        using Socket client = gateway.Connect(Hellos.App);
        byte[] expected = [.. Encoding.ASCII.GetBytes(Proxies.V1(client)), .. Hellos.App];
        using Socket server = await backend.AcceptAsync();
        Assert.Equal(expected, server.ReadExactly(expected.Length));
    }

    [Fact]
    public async Task But_not_where_it_is_required()
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await StartAsync(Setup.To(backend), AcceptProxy.Require);
        using Socket client = gateway.Connect(Hellos.App);
        await IsRefusedAsync(gateway, client, Of(client));
        Assert.False(backend.HasCallers);
    }

    [Fact]
    public async Task A_line_without_an_end_is_given_up_at_its_greatest_length()
    {
        using TestGateway gateway = await StartAsync(new Setup(), AcceptProxy.Accept);
        using Socket client = gateway.Connect("PROXY "u8);
        // A line has 107 bytes with its end: 106 without one are no header.
        for (int sent = 6; sent < 106; sent++)
            client.SendAll("x"u8);
        Assert.Empty(client.ReadToEnd());
        client.Close();
        Assert.Equal(CloseReason.ProxyHeader, await gateway.NextEndAsync());
        using Socket flood = gateway.Connect("PROXY "u8);
        Assert.Throws<SocketException>(() => flood.SendAll(new byte[10 * 1024 * 1024]));
        Assert.Equal(CloseReason.ProxyHeader, await gateway.NextEndAsync());
        await gateway.HasSessionsAsync(0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(14)]
    [InlineData(20)]
    public async Task An_urgent_byte_does_not_belong_in_a_header(int place)
    {
        using TestGateway gateway = await StartAsync(new Setup { Options = Patience() }, AcceptProxy.Require);
        using Socket client = gateway.Connect(V2.AsSpan(0, place));
        client.Send([0xEE], SocketFlags.OutOfBand);
        client.SendAll(V2.AsSpan(place, 1));
        Assert.Empty(client.ReadToLast().Bytes);
        client.Close();
        Assert.Equal(CloseReason.ProxyHeader, await gateway.NextEndAsync());
    }

    private static GatewayOptions Patience() => new() { ProxyHeaderTimeout = TimeSpan.FromMilliseconds(300) };

    private static IpEndpoint Of(Socket client) => IpEndpoint.Create(((IPEndPoint)client.LocalEndPoint!).Address, ((IPEndPoint)client.LocalEndPoint).Port);

    private static async Task IsRefusedAsync(TestGateway gateway, Socket client, IpEndpoint address)
    {
        Assert.Empty(client.ReadToEnd());
        client.Close();
        SessionRecord record = await gateway.NextRecordAsync();
        Assert.Equal((CloseReason.ProxyHeader, address), (record.End, record.Client));
        await gateway.HasSessionsAsync(0);
    }

    private static Task<TestGateway> StartAsync(Setup setup, AcceptProxy how) => TestGateway.StartAsync(setup.Behind(how).Snapshot);
}
