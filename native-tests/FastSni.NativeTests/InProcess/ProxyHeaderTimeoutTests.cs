using System.Net.Sockets;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>Trusted peers that are silent, or fall silent in the middle of a PROXY header.</summary>
public class ProxyHeaderTimeoutTests
{
    private static readonly byte[] Header = "PROXY TCP4 192.0.2.7 198.51.100.3 4711 443\r\n"u8.ToArray();

    public static TheoryData<byte[]> Begun => [[(byte)'P'], Header[..20], Header[..^1], [13], Proxies.V2(0x21, 0x11, new byte[12])[..27], Proxies.V2(0x20, 0x00, new byte[ushort.MaxValue])[..60_000]];

    [Theory]
    [InlineData(ListenMode.Tls)]
    [InlineData(ListenMode.Tcp)]
    [InlineData(ListenMode.Http)]
    public async Task Where_a_header_is_required_silence_ends_with_the_timeout(ListenMode mode)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await StartAsync(backend, mode, AcceptProxy.Require);
        using Socket client = gateway.Connect();
        await EndsAsync(gateway, client, CloseReason.ProxyHeader);
        Assert.False(backend.HasCallers);
    }

    [Theory]
    [MemberData(nameof(Begun))]
    public async Task A_header_that_never_gets_whole_ends_with_the_timeout(byte[] begun)
    {
        foreach (AcceptProxy how in new[] { AcceptProxy.Accept, AcceptProxy.Require })
        {
            using var backend = Backend.Start();
            using TestGateway gateway = await StartAsync(backend, ListenMode.Tcp, how);
            using Socket client = gateway.Connect(begun);
            await EndsAsync(gateway, client, CloseReason.ProxyHeader);
            Assert.False(backend.HasCallers);
        }
    }

    [Theory]
    [MemberData(nameof(Begun))]
    public async Task A_header_that_ends_in_its_middle_is_refused_then(byte[] begun)
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup().Behind(AcceptProxy.Accept).Snapshot);
        using Socket client = gateway.Connect(begun);
        client.Shutdown(SocketShutdown.Send);
        await EndsAsync(gateway, client, CloseReason.ProxyHeader);
    }

    [Fact]
    public async Task A_header_dripped_byte_by_byte_does_not_move_the_timeout()
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await StartAsync(backend, ListenMode.Tls, AcceptProxy.Require);
        using Socket client = gateway.Connect();
        Task drip = Peer.Start(() =>
        {
            for (int i = 0; i < Header.Length && !client.Poll(0, SelectMode.SelectRead); i++)
            {
                client.Send(Header, i, 1, SocketFlags.None, out _);
                Peer.Pause(20);
            }
            return 0;
        });
        Assert.Empty(client.ReadToLast().Bytes);
        await drip;
        client.Close();
        Assert.Equal(CloseReason.ProxyHeader, await gateway.NextEndAsync());
        Assert.False(backend.HasCallers);
    }

    [Theory]
    [InlineData(ProxyProtocol.Off)]
    [InlineData(ProxyProtocol.V2)]
    public async Task A_silent_peer_of_a_tcp_listener_goes_on_without_a_header(ProxyProtocol outwards)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await StartAsync(backend, ListenMode.Tcp, AcceptProxy.Accept, outwards);
        using Socket client = gateway.Connect();
        byte[] header = outwards == ProxyProtocol.Off ? [] : Proxies.V2(client);
        using Socket server = await backend.AcceptAsync();
        Assert.Equal(header, server.ReadExactly(header.Length));
        server.SendAll("220 ready\r\n"u8);
        Assert.Equal("220 ready\r\n"u8.ToArray(), client.ReadExactly(11));
        client.SendAll("QUIT\r\n"u8);
        Assert.Equal("QUIT\r\n"u8.ToArray(), server.ReadExactly(6));
    }

    [Fact]
    public async Task A_silent_peer_of_an_http_listener_is_handed_over_then()
    {
        using TestGateway gateway = await StartAsync(null, ListenMode.Http, AcceptProxy.Accept);
        using Socket client = gateway.Connect();
        using Guest guest = await Guest.TakeAsync(gateway.Handoffs);
        Assert.Equal((false, 1), (guest.IsWatched, guest.LowWaterBytes));
        client.SendAll("GET"u8);
        Assert.Equal("GET"u8.ToArray(), guest.Socket.ReadExactly(3));
    }

    [Fact]
    public async Task A_silent_peer_of_a_tls_listener_has_the_hello_timeout_then()
    {
        using TestGateway gateway = await StartAsync(null, ListenMode.Tls, AcceptProxy.Accept);
        using (Socket client = gateway.Connect())
            await EndsAsync(gateway, client, CloseReason.HelloTimeout);
    }

    [Fact]
    public async Task The_hello_has_its_whole_time_behind_a_late_header()
    {
        using var backend = Backend.Start();
        Setup setup = Setup.To(backend) with { Options = new GatewayOptions { ProxyHeaderTimeout = TimeSpan.FromSeconds(10), HelloTimeout = TimeSpan.FromSeconds(1) } };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Behind(AcceptProxy.Require).Snapshot);
        using Socket client = gateway.Connect(Header.AsSpan(0, 5));
        await gateway.HasSessionsAsync(1);
        Peer.Pause(1_100);
        client.SendAll([.. Header.AsSpan(5), .. Hellos.App.AsSpan(0, 50)]);
        Peer.Pause(50);
        client.SendAll(Hellos.App.AsSpan(50));
        using Socket server = await backend.AcceptAsync();
        Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
    }

    [Theory]
    [InlineData(AcceptProxy.Require)]
    [InlineData(AcceptProxy.Accept)]
    public async Task Who_comes_and_goes_without_a_word_is_not_worth_one(AcceptProxy how)
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup().Behind(how).Snapshot);
        gateway.Connect().Dispose();
        Assert.Equal(CloseReason.Complete, await gateway.NextEndAsync());
        Assert.DoesNotContain(gateway.Log, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_plain_client_of_a_tcp_listener_may_end_before_its_first_byte()
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync((Setup.To(backend) with { Mode = ListenMode.Tcp }).Behind(AcceptProxy.Accept).Snapshot);
        using Socket client = gateway.Connect();
        client.Shutdown(SocketShutdown.Send);
        using Socket server = await backend.AcceptAsync();
        server.SendAll("bye"u8);
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal("bye"u8.ToArray(), client.ReadToEnd());
        Assert.Empty(server.ReadToEnd());
        Assert.Equal(CloseReason.Complete, await gateway.NextEndAsync());
    }

    /// <summary>The sockets stay over a reload, and what they do with silent clients must not.</summary>
    [Fact]
    public async Task A_reload_changes_what_a_kept_socket_waits_for()
    {
        using var backend = Backend.Start();
        Setup setup = Setup.To(backend) with { Options = Brief };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Snapshot);
        await gateway.ApplyAsync(setup.Behind(AcceptProxy.Require).Snapshot);
        using (Socket client = gateway.Connect())
            await EndsAsync(gateway, client, CloseReason.ProxyHeader);
        await gateway.ApplyAsync(setup.Snapshot);
        using Socket plain = gateway.Connect(Hellos.App);
        using Socket server = await backend.AcceptAsync();
        Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
    }

    /// <summary>TCP_DEFER_ACCEPT would hide a silent peer for a second or more: until after its timeout began, and while others come and go.</summary>
    [Fact]
    public async Task A_silent_peer_is_seen_from_its_first_moment()
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend).Snapshot);
        await gateway.ApplyAsync(Setup.To(backend).Behind(AcceptProxy.Require).Snapshot);
        using Socket silent = gateway.Connect(), talking = gateway.Connect([.. Header, .. Hellos.App]);
        using Socket server = await backend.AcceptAsync();
        Assert.Equal(2, gateway.Gateway.Sessions);
    }

    private static GatewayOptions Brief => new() { ProxyHeaderTimeout = TimeSpan.FromMilliseconds(150), HelloTimeout = TimeSpan.FromMilliseconds(150) };

    private static async Task EndsAsync(TestGateway gateway, Socket client, CloseReason reason)
    {
        Assert.Empty(client.ReadToEnd());
        client.Close();
        Assert.Equal(reason, await gateway.NextEndAsync());
        await gateway.HasSessionsAsync(0);
    }

    private static Task<TestGateway> StartAsync(Backend? backend, ListenMode mode, AcceptProxy how, ProxyProtocol outwards = ProxyProtocol.Off)
    {
        Setup setup = new() { Named = backend is null ? null : backend.Options with { ProxyProtocol = outwards }, Mode = mode, Options = Brief };
        return TestGateway.StartAsync(setup.Behind(how).Snapshot);
    }
}
