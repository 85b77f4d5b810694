using System.Net;
using System.Net.Sockets;
using FastSni.Backends;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>What happens when a server does not answer.</summary>
public class ConnectTests
{
    [Theory]
    [InlineData(ProxyProtocol.Off)]
    [InlineData(ProxyProtocol.V2)]
    public async Task A_refusing_server_is_passed_over_and_the_hello_comes_once_to_the_next(ProxyProtocol protocol)
    {
        using Socket refusing = Loopback.BindWithoutListening(out int deadPort);
        using var backend = Backend.Start();
        BackendOptions options = Setup.Servers(Setup.Server(deadPort), backend.Address) with { ProxyProtocol = protocol };
        using TestGateway gateway = await TestGateway.StartAsync(new Setup { Named = options }.Snapshot);
        for (int i = 0; i < 4; i++)
        {
            using Socket client = gateway.Connect(Hellos.App);
            byte[] header = protocol == ProxyProtocol.V2 ? Proxies.V2(client) : [];
            using Socket server = await backend.AcceptAsync();
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal([.. header, .. Hellos.App], server.ReadToEnd());
            server.Close();
            Assert.Equal(CloseReason.Complete, await gateway.NextEndAsync());
        }
    }

    [Theory]
    [InlineData(ProxyProtocol.Off)]
    [InlineData(ProxyProtocol.V2)]
    public async Task Distant_servers_are_written_to_once_they_stand_and_passed_over_once_they_refuse(ProxyProtocol protocol)
    {
        using Socket refusing = Loopback.BindWithoutListening(out int deadPort);
        using var backend = Backend.Start();
        BackendOptions options = Setup.Servers(Setup.Server(deadPort), backend.Address) with { ProxyProtocol = protocol };
        using TestGateway gateway = await TestGateway.StartAsync(new Setup { Named = options }.Snapshot);
        foreach (Server distant in gateway.Servers.Build([("passthrough:named", options)])[options].Servers)
            distant.RecordDistance();
        for (int i = 0; i < 4; i++)
        {
            using Socket client = gateway.Connect(Hellos.App);
            byte[] header = protocol == ProxyProtocol.V2 ? Proxies.V2(client) : [];
            using Socket server = await backend.AcceptAsync();
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal([.. header, .. Hellos.App], server.ReadToEnd());
            server.Close();
            Assert.Equal(CloseReason.Complete, await gateway.NextEndAsync());
        }
        Assert.Contains(gateway.Log, line => line.Contains("is down", StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_every_server_refuses_the_client_is_closed_in_order()
    {
        using Socket one = Loopback.BindWithoutListening(out int first), two = Loopback.BindWithoutListening(out int second);
        BackendOptions options = Setup.Servers(Setup.Server(first), Setup.Server(second));
        using TestGateway gateway = await TestGateway.StartAsync(new Setup { Named = options }.Snapshot);
        using Socket client = gateway.Connect([.. Hellos.App, .. Pattern.Of(100_000)]);
        Assert.Empty(client.ReadToEnd());
        client.Close();
        SessionRecord record = await gateway.NextRecordAsync();
        Assert.Equal((CloseReason.ConnectRefused, -1L, 0L), (record.End, record.ConnectMicros, record.UpBytes));
        Assert.Contains(record.Backend, new[] { Endpoint(one), Endpoint(two) });    // The one that was tried last.
        Assert.All(gateway.Servers.Build([("passthrough:named", options)])[options].Servers, server => Assert.Equal((0, false), (server.Active, server.IsUp)));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_passed_over_after_the_connect_timeout()
    {
        using BlackHole hole = new();
        using var backend = Backend.Start();
        Setup setup = new()
        {
            Named = Setup.Servers(Setup.Server(hole.Port), backend.Address),
            Options = new GatewayOptions { ConnectTimeout = TimeSpan.FromMilliseconds(200) },
        };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Snapshot);
        using Socket client = gateway.Connect(Hellos.App);
        using Socket server = await backend.AcceptAsync();
        Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
    }

    [Fact]
    public async Task When_no_server_answers_the_session_ends_with_the_connect_timeout()
    {
        using BlackHole hole = new();
        Setup setup = new() { Named = Setup.Servers(Setup.Server(hole.Port)), Options = new() { ConnectTimeout = TimeSpan.FromSeconds(0.2) } };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Snapshot);
        using Socket client = gateway.Connect(Hellos.App);
        Assert.Empty(client.ReadToEnd());
        client.Close();
        Assert.Equal(CloseReason.ConnectTimeout, await gateway.NextEndAsync());
    }

    [Fact]
    public async Task A_client_that_leaves_while_its_backend_is_dialled_is_let_go()
    {
        using BlackHole hole = new();
        Setup setup = new() { Named = Setup.Servers(Setup.Server(hole.Port)), Options = new() { ConnectTimeout = TimeSpan.FromSeconds(1) } };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Snapshot);
        using Socket client = gateway.Connect(Hellos.App);
        await gateway.HasSessionsAsync(1);
        client.Reset();
        await gateway.HasSessionsAsync(0);
    }

    [Fact]
    public async Task A_name_whose_host_was_never_found_ends_with_no_backend()
    {
        ServerAddress unknown = new(ServerKind.HostName, "no-such-host.invalid:443", "no-such-host.invalid", 443);
        using TestGateway gateway = await TestGateway.StartAsync(new Setup { Named = Setup.Servers(unknown) }.Snapshot);
        using Socket client = gateway.Connect(Hellos.App);
        Assert.Empty(client.ReadToEnd());
        client.Close();
        Assert.Equal(CloseReason.NoBackend, await gateway.NextEndAsync());
    }

    [Fact]
    public async Task A_host_whose_first_address_refuses_is_reached_at_its_second_and_counts_as_up()
    {
        using Socket refusing = Loopback.BindWithoutListening(out _);
        using var backend = Backend.Start();
        ServerAddress host = new(ServerKind.HostName, "two.example:1", "two.invalid", 1);
        BackendOptions options = Setup.Servers(host);
        using TestGateway gateway = await TestGateway.StartAsync(new Setup { Named = options }.Snapshot);
        Server server = gateway.Servers.Build([("passthrough:named", options)])[options].Servers[0];
        Assert.True(server.SetAddresses([Endpoint(refusing), IpEndpoint.Create(IPAddress.Loopback, backend.Port)]));
        for (int i = 0; i < 3; i++)
        {
            using Socket client = gateway.Connect(Hellos.App);
            using Socket connection = await backend.AcceptAsync();
            Assert.Equal(Hellos.App, connection.ReadExactly(Hellos.App.Length));
        }
        Assert.DoesNotContain(gateway.Log, line => line.Contains("is down", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_unix_socket_is_a_backend_too()
    {
        string path = Path.Combine(Path.GetTempPath(), $"fastsni-test-{Environment.ProcessId}-{Guid.NewGuid():N}.sock");
        using Socket listener = Loopback.NewSocket(AddressFamily.Unix);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        try
        {
            ServerAddress address = new(ServerKind.Unix, "unix:" + path, path, null);
            BackendOptions options = Setup.Servers(address) with { ProxyProtocol = ProxyProtocol.V2 };
            using TestGateway gateway = await TestGateway.StartAsync(new Setup { Named = options }.Snapshot);
            using Socket client = gateway.Connect(Hellos.App);
            byte[] header = Proxies.V2(client);
            using Socket server = Loopback.Bound(await listener.AcceptAsync());
            Assert.Equal([.. header, .. Hellos.App], server.ReadExactly(header.Length + Hellos.App.Length));
            byte[] upload = Pattern.Of(2_000_000), reply = Pattern.Of(3_000_000, seed: 2);
            Task up = Peer.Writes(client, socket => { socket.SendAll(upload); socket.Shutdown(SocketShutdown.Send); });
            Task<byte[]> down = Peer.ReadsToEnd(client);
            Assert.Equal(Pattern.Hash(upload), Pattern.Hash(server.ReadToEnd()));
            server.SendAll(reply);
            server.Close();
            await up;
            Assert.Equal(Pattern.Hash(reply), Pattern.Hash(await down));
            SessionRecord record = await gateway.NextRecordAsync();
            Assert.Equal((CloseReason.Complete, "unix:" + path, true), (record.End, record.BackendPath, record.Backend.IsNone));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_server_without_a_port_gets_the_port_the_client_came_to()
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup { Endpoints = [new ListenEndpoint(IPAddress.Loopback, 0)] }.Snapshot);
        using Socket listener = Loopback.NewSocket();
        listener.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.9"), gateway.Address.Port));
        listener.Listen();
        await gateway.ApplyAsync(new Setup { Named = Setup.Servers(new ServerAddress(ServerKind.Ip, "127.0.0.9", "127.0.0.9", null)) }.Snapshot);
        using Socket client = gateway.Connect(Hellos.App);
        using Socket server = Loopback.Bound(await listener.AcceptAsync());
        Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
    }

    [Fact]
    public async Task A_section_may_choose_the_address_it_connects_from()
    {
        using var backend = Backend.Start();
        BackendOptions options = backend.Options with { SourceAddress = IPAddress.Parse("127.0.0.77") };
        using TestGateway gateway = await TestGateway.StartAsync(new Setup { Named = options }.Snapshot);
        using Socket client = gateway.Connect(Hellos.App);
        using Socket server = await backend.AcceptAsync();
        Assert.Equal("127.0.0.77", ((IPEndPoint)server.RemoteEndPoint!).Address.ToString());
    }

    private static IpEndpoint Endpoint(Socket socket) => IpEndpoint.Create(IPAddress.Loopback, ((IPEndPoint)socket.LocalEndPoint!).Port);
}
