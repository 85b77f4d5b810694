using System.Net;
using System.Net.Sockets;
using System.Text;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using FastSni.Tests.Wire;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.InProcess;

public class RoutingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_client_and_its_backend_talk_through_the_gateway(int workers)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend).Snapshot, workers);
        for (int i = 0; i < 40; i++)
        {
            using Socket client = gateway.Connect(Hellos.App);
            using Socket server = await backend.AcceptAsync();
            Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
            server.SendAll("welcome"u8);
            Assert.Equal("welcome"u8.ToArray(), client.ReadExactly(7));
            client.SendAll("thanks"u8);
            Assert.Equal("thanks"u8.ToArray(), server.ReadExactly(6));
        }
        Assert.Equal(40, gateway.Gateway.Accepted);
    }

    [Fact]
    public async Task The_record_of_a_session_says_what_happened()
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend).Snapshot);
        using Socket client = gateway.Connect(Hellos.App);
        var clientAddress = (IPEndPoint)client.LocalEndPoint!;
        using Socket server = await backend.AcceptAsync();
        server.ReadExactly(Hellos.App.Length);
        server.SendAll(new byte[1234]);
        server.Close();
        Assert.Equal(1234, client.ReadToEnd().Length);
        client.Close();
        SessionRecord record = await gateway.NextRecordAsync();
        Assert.Equal(("test", "passthrough:named", CloseReason.Complete), (record.Listener, record.Route, record.End));
        Assert.Equal((Hellos.App.Length, 1234), (record.UpBytes, record.DownBytes));
        Assert.Equal(IpEndpoint.Create(IPAddress.Loopback, clientAddress.Port), record.Client);
        Assert.Equal(IpEndpoint.Create(IPAddress.Loopback, backend.Port), record.Backend);
        Assert.Equal("app.example.org", Encoding.ASCII.GetString(record.Name));
        Assert.Equal("\x2h2\x8http/1.1", Encoding.ASCII.GetString(record.AlpnList));
        Assert.InRange(record.ConnectMicros, 0, record.DurationMicros);
        await gateway.HasSessionsAsync(0);
    }

    [Fact]
    public async Task What_has_no_name_or_is_no_TLS_goes_where_the_listener_says()
    {
        using Backend named = Backend.Start(), nameless = Backend.Start(), other = Backend.Start();
        Setup setup = new() { Named = named.Options, Nameless = nameless.Options, NotTls = other.Options };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Snapshot);
        await ArrivesAsync(Hellos.App, named);
        await ArrivesAsync(Hellos.Nameless, nameless);
        await ArrivesAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray(), other);

        async Task ArrivesAsync(byte[] first, Backend backend)
        {
            using Socket client = gateway.Connect(first);
            using Socket server = await backend.AcceptAsync();
            Assert.Equal(first, server.ReadExactly(first.Length));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(9)]
    [InlineData(90)]
    [InlineData(-1)]
    public async Task A_hello_in_two_pieces_is_routed_like_one_in_one(int cut)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend).Snapshot);
        int first = cut > 0 ? cut : Hellos.App.Length - 1;
        using Socket client = gateway.Connect(Hellos.App.AsSpan(0, first));
        await gateway.HasSessionsAsync(1);
        client.SendAll(Hellos.App.AsSpan(first));
        using Socket server = await backend.AcceptAsync();
        Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
    }

    [Fact]
    public async Task A_hello_that_drips_byte_by_byte_arrives_whole_and_so_does_what_follows()
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend).Snapshot);
        using Socket client = gateway.Connect();
        foreach (byte one in Hellos.App)
        {
            client.SendAll([one]);
            await Task.Yield();
        }
        using Socket server = await backend.AcceptAsync();
        Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
        // The low water mark of the hello must be gone: a single byte passes.
        client.SendAll("x"u8);
        Assert.Equal("x"u8.ToArray(), server.ReadExactly(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(16_384)]
    public async Task A_hello_in_many_records_and_of_any_size_arrives_as_it_was_sent(int recordBytes)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend).Snapshot);
        foreach (int messageBytes in new[] { 300, 2_000, 4_090, 10_000, recordBytes < 40 ? 10_100 : 21_596, recordBytes < 40 ? 10_200 : 58_000 })
        {
            byte[] hello = HelloBuilder.Records(HelloBuilder.MessageOf(messageBytes), recordBytes);
            using Socket client = gateway.Connect(hello);
            using Socket server = await backend.AcceptAsync();
            Assert.Equal(Pattern.Hash(hello), Pattern.Hash(server.ReadExactly(hello.Length)));
        }
    }

    /// <summary>Peeking stops at an urgent mark for ever; the hello has to be taken off the queue, and comes to the backend all the same.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(-1)]
    public async Task An_urgent_byte_inside_the_hello_does_not_stop_it(int place)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend, ProxyProtocol.V1).Snapshot);
        int first = place >= 0 ? place : Hellos.App.Length;
        using Socket client = gateway.Connect(Hellos.App.AsSpan(0, first));
        client.Send([0xEE], SocketFlags.OutOfBand);
        client.SendAll(Hellos.App.AsSpan(first));
        byte[] header = Encoding.ASCII.GetBytes(Proxies.V1(client));
        byte[] rest = Pattern.Of(200_000);
        Task writing = Peer.Writes(client, socket => { socket.SendAll(rest); socket.Shutdown(SocketShutdown.Send); });
        using Socket server = await backend.AcceptAsync();
        byte[] seen = server.ReadToEnd();
        await writing;
        Assert.Equal(Pattern.Hash([.. header, .. Hellos.App, .. rest]), Pattern.Hash(seen));
    }
}
