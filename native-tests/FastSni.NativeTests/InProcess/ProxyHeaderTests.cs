using System.Net;
using System.Net.Sockets;
using System.Text;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>PROXY headers of trusted peers: what they name holds in place of the socket's addresses, and what follows them arrives untouched.</summary>
public class ProxyHeaderTests
{
    private static readonly IPEndPoint Source = new(IPAddress.Parse("192.0.2.7"), 4711), Destination = new(IPAddress.Parse("198.51.100.3"), 443);
    private static readonly IPEndPoint Source6 = new(IPAddress.Parse("2001:db8::7"), 4711), Destination6 = new(IPAddress.Parse("2001:db8::3"), 443);

    public static TheoryData<byte[]> Headers => [V1(Source, Destination), Proxies.V2(Source, Destination), V1(Source6, Destination6), Proxies.V2(Source6, Destination6)];

    [Theory]
    [InlineData(ListenMode.Tls, AcceptProxy.Require, ProxyProtocol.V1, "127.0.0.1", false)]
    [InlineData(ListenMode.Tls, AcceptProxy.Accept, ProxyProtocol.V2, "::1", false)]
    [InlineData(ListenMode.Tls, AcceptProxy.Require, ProxyProtocol.V2, "127.0.0.1", true)]
    [InlineData(ListenMode.Tcp, AcceptProxy.Require, ProxyProtocol.V1, "::1", true)]
    [InlineData(ListenMode.Tcp, AcceptProxy.Accept, ProxyProtocol.V2, "127.0.0.1", false)]
    public async Task Backend_and_log_hear_of_the_client_and_not_of_the_proxy(ListenMode mode, AcceptProxy how, ProxyProtocol outwards, string address, bool isV6)
    {
        using var backend = Backend.Start();
        Setup setup = Setup.To(backend, outwards) with { Mode = mode, Endpoints = [new ListenEndpoint(IPAddress.Parse(address), 0)] };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Behind(how).Snapshot);
        (IPEndPoint source, IPEndPoint destination) = isV6 ? (Source6, Destination6) : (Source, Destination);
        foreach (byte[] header in new[] { V1(source, destination), Proxies.V2(source, destination) })
        {
            using Socket client = gateway.Connect([.. header, .. Hellos.App]);
            using Socket server = await backend.AcceptAsync();
            byte[] expected = [.. outwards == ProxyProtocol.V1 ? V1(source, destination) : Proxies.V2(source, destination), .. Hellos.App];
            Assert.Equal(expected, server.ReadExactly(expected.Length));
            server.SendAll("hello"u8);
            Assert.Equal("hello"u8.ToArray(), client.ReadExactly(5));
            client.Close();
            server.Close();
            SessionRecord record = await gateway.NextRecordAsync();
            Assert.Equal((CloseReason.Complete, IpEndpoint.Create(source.Address, source.Port)), (record.End, record.Client));
        }
        await gateway.HasSessionsAsync(0);
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task Header_and_hello_may_be_split_anywhere(byte[] header)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend).Behind(AcceptProxy.Require).Snapshot);
        byte[] all = [.. header, .. Hellos.App];
        for (int split = 1; split < all.Length; split++)
        {
            using Socket client = gateway.Connect(all.AsSpan(0, split));
            await gateway.HasSessionsAsync(1);
            client.SendAll(all.AsSpan(split));
            using Socket server = await backend.AcceptAsync();
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal(Hellos.App, server.ReadToEnd());
            server.Close();
            Assert.Equal(CloseReason.Complete, await gateway.NextEndAsync());
        }
    }

    [Theory]
    [InlineData(ListenMode.Http, false)]
    [InlineData(ListenMode.Http, true)]
    [InlineData(ListenMode.Tls, false)]
    [InlineData(ListenMode.Tls, true)]
    public async Task A_client_that_is_handed_over_goes_with_its_own_addresses_and_its_own_bytes(ListenMode mode, bool isWaitedFor)
    {
        Snapshot snapshot = new Setup { Mode = mode }.Behind(AcceptProxy.Require).Snapshot;
        using TestGateway gateway = await TestGateway.StartAsync(snapshot with { Listeners = [snapshot.Listeners[0] with { UnknownName = RouteAction.Offload }] });
        byte[] header = Proxies.V2(Source, Destination);
        using Socket client = gateway.Connect();
        if (isWaitedFor)
        {
            client.SendAll(header.AsSpan(0, 14));
            await gateway.HasSessionsAsync(1);
            client.SendAll(header.AsSpan(14));
            client.SendAll(Hellos.App);
        }
        else
            client.SendAll([.. header, .. Hellos.App]);
        using Guest guest = await Guest.TakeAsync(gateway.Handoffs);
        Assert.Equal(("192.0.2.7:4711", "198.51.100.3:443"), (guest.Client.Client.ToString(), guest.Client.Local.ToString()));
        Assert.Equal((false, 1, true), (guest.IsWatched, guest.LowWaterBytes, guest.Client.Taken.IsEmpty));
        Assert.Equal(Hellos.App, guest.Socket.ReadExactly(Hellos.App.Length));
    }

    public static TheoryData<byte[]> HeadersWithoutAddresses =>
    [
        "PROXY UNKNOWN\r\n"u8.ToArray(),
        "PROXY UNKNOWN 192.0.2.7 198.51.100.3 4711 443\r\n"u8.ToArray(),
        Proxies.V2(0x20, 0x00),
        Proxies.V2(0x20, 0x11, Proxies.V2(Source, Destination)[16..]),
        Proxies.V2(0x21, 0x00),
        Proxies.V2(0x21, 0x12, Proxies.V2(Source, Destination)[16..]),
        Proxies.V2(0x21, 0x22, Proxies.V2(Source6, Destination6)[16..]),
        Proxies.V2(0x21, 0x31, new byte[216]),
    ];

    [Theory]
    [MemberData(nameof(HeadersWithoutAddresses))]
    public async Task Where_a_header_names_nobody_the_sockets_addresses_hold(byte[] header)
    {
        foreach (ProxyProtocol outwards in new[] { ProxyProtocol.V1, ProxyProtocol.V2 })
        {
            using var backend = Backend.Start();
            using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend, outwards).Behind(AcceptProxy.Require).Snapshot);
            using Socket client = gateway.Connect([.. header, .. Hellos.App]);
            byte[] expected = [.. outwards == ProxyProtocol.V1 ? Encoding.ASCII.GetBytes(Proxies.V1(client)) : Proxies.V2(client), .. Hellos.App];
            using Socket server = await backend.AcceptAsync();
            Assert.Equal(expected, server.ReadExactly(expected.Length));
        }
    }

    [Theory]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(5_000)]
    [InlineData(16 + ushort.MaxValue)]
    public async Task A_header_may_be_as_large_as_its_length_can_say(int headerBytes)
    {
        using var backend = Backend.Start();
        Setup setup = Setup.To(backend, ProxyProtocol.V2) with { Options = new GatewayOptions { HelloLimitBytes = 4096 } };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Behind(AcceptProxy.Accept).Snapshot);
        byte[] header = Proxies.V2(Source, Destination, Proxies.Padding(headerBytes - 28));
        Assert.Equal(headerBytes, header.Length);
        byte[] expected = [.. Proxies.V2(Source, Destination), .. Hellos.App];
        foreach (int piece in new[] { int.MaxValue, 1_000 })
        {
            using Socket client = gateway.Connect();
            foreach (byte[] part in header.Concat(Hellos.App).Chunk(piece))
                client.SendAll(part);
            using Socket server = await backend.AcceptAsync();
            Assert.Equal(expected, server.ReadExactly(expected.Length));
        }
    }

    [Fact]
    public async Task A_server_without_a_port_is_asked_at_the_port_the_client_asked_the_proxy_for()
    {
        using var backend = Backend.Start();
        BackendOptions options = Setup.Servers(new ServerAddress(ServerKind.Ip, "127.0.0.1", "127.0.0.1", Port: null));
        using TestGateway gateway = await TestGateway.StartAsync(new Setup { Named = options }.Behind(AcceptProxy.Require).Snapshot);
        using Socket client = gateway.Connect([.. V1(Source, new IPEndPoint(Destination.Address, backend.Port)), .. Hellos.App]);
        using Socket server = await backend.AcceptAsync();
        Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
    }

    [Fact]
    public async Task The_next_session_of_the_slot_knows_nothing_of_it()
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend, ProxyProtocol.V1).Behind(AcceptProxy.Accept).Snapshot);
        foreach (bool isProxied in new[] { true, false, true })
        {
            using Socket client = gateway.Connect(isProxied ? [.. Proxies.V2(Source, Destination), .. Hellos.App] : Hellos.App);
            byte[] header = isProxied ? V1(Source, Destination) : Encoding.ASCII.GetBytes(Proxies.V1(client));
            using Socket server = await backend.AcceptAsync();
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal([.. header, .. Hellos.App], server.ReadToEnd());
            server.Close();
            Assert.Equal(CloseReason.Complete, await gateway.NextEndAsync());
        }
    }

    [Fact]
    public async Task An_urgent_byte_in_the_hello_behind_a_header_is_passed_over()
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend).Behind(AcceptProxy.Require).Snapshot);
        using Socket client = gateway.Connect([.. V1(Source, Destination), .. Hellos.App.AsSpan(0, 60)]);
        await gateway.HasSessionsAsync(1);
        client.Send([0xEE], SocketFlags.OutOfBand);
        client.SendAll(Hellos.App.AsSpan(60));
        using Socket server = await backend.AcceptAsync();
        Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
    }

    private static byte[] V1(IPEndPoint source, IPEndPoint destination) => Encoding.ASCII.GetBytes(Proxies.V1(source, destination));
}
