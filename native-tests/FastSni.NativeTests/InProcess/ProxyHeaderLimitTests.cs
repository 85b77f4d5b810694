using System.Net;
using System.Net.Sockets;
using System.Text;
using FastSni.Bans;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>The limits of one client are for the client that a PROXY header names; the proxy has none but the gateway's.</summary>
public sealed class ProxyHeaderLimitTests : IDisposable
{
    private readonly Backend _backend = Backend.Start();
    private readonly List<Socket> _open = [];

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1")]
    public async Task Each_client_may_have_so_many_sessions(string client, string same, string other)
    {
        using TestGateway gateway = await StartAsync(new GatewayOptions { MaxConnectionsPerClient = 2 });
        Socket first = await EnterAsync(gateway, client);
        await EnterAsync(gateway, same);
        await IsRefusedAsync(gateway, client);
        await EnterAsync(gateway, other);
        await EnterAsync(gateway, other);
        await IsRefusedAsync(gateway, other);
        first.Close();
        await gateway.NextEndAsync();
        await gateway.HasSessionsAsync(3);
        await EnterAsync(gateway, same);
        await IsRefusedAsync(gateway, client);
    }

    [Fact]
    public async Task The_proxy_itself_meets_no_limit()
    {
        using TestGateway gateway = await StartAsync(new GatewayOptions { MaxConnectionsPerClient = 1, MaxNewSessionsPerClient = 1, MaxPendingHellosPerClient = 1 });
        for (int i = 1; i < 10; i++)
        {
            await EnterAsync(gateway, $"192.0.2.{i}");
            await EnterAsync(gateway, Proxies.V2(0x20, 0x00));
            await EnterAsync(gateway, "PROXY UNKNOWN\r\n"u8.ToArray());
        }
        // Where it speaks for itself and without a header it is a client like any other.
        await EnterAsync(gateway, []);
        await IsRefusedAsync(gateway, []);
    }

    [Fact]
    public async Task Waiting_for_a_header_counts_for_nobody_and_waiting_for_a_hello_for_its_client()
    {
        using TestGateway gateway = await StartAsync(new GatewayOptions { MaxPendingHellosPerClient = 2 });
        for (int i = 0; i < 5; i++)
            _open.Add(gateway.Connect("PROXY"u8));
        await gateway.HasSessionsAsync(5);
        for (int i = 0; i < 2; i++)
            _open.Add(gateway.Connect([.. HeaderOf("192.0.2.1"), .. Hellos.App.AsSpan(0, 20)]));
        await gateway.HasSessionsAsync(7);
        using (Socket third = gateway.Connect([.. HeaderOf("192.0.2.1"), .. Hellos.App.AsSpan(0, 20)]))
            Assert.Empty(third.ReadToLast().Bytes);
        Assert.Equal(CloseReason.ClientLimit, await gateway.NextEndAsync());
        _open.Add(gateway.Connect([.. HeaderOf("192.0.2.2"), .. Hellos.App.AsSpan(0, 20)]));
        await gateway.HasSessionsAsync(8);
        // Each of them goes on.
        foreach (Socket pending in _open.Take(5))
            pending.SendAll([.. HeaderOf("192.0.2.3").AsSpan(5), .. Hellos.App]);
        foreach (Socket pending in _open.Skip(5))
            pending.SendAll(Hellos.App.AsSpan(20));
        for (int i = 0; i < 8; i++)
        {
            using Socket server = await _backend.AcceptAsync();
            Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
        }
    }

    [Fact]
    public async Task The_gateway_takes_so_many_unfinished_headers_and_hellos()
    {
        using TestGateway gateway = await StartAsync(new GatewayOptions { MaxPendingHellos = 2 });
        _open.Add(gateway.Connect("PROXY"u8));
        _open.Add(gateway.Connect([.. HeaderOf("192.0.2.1"), .. Hellos.App.AsSpan(0, 20)]));
        await gateway.HasSessionsAsync(2);
        using (Socket third = gateway.Connect("PROXY"u8))
            Assert.Empty(third.ReadToLast().Bytes);
        Assert.Equal(CloseReason.ConnectionLimit, await gateway.NextEndAsync());
        _open[0].SendAll([.. HeaderOf("192.0.2.1").AsSpan(5), .. Hellos.App]);
        using Socket server = await _backend.AcceptAsync();
        Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
        _open.Add(gateway.Connect("PROXY"u8));
        await gateway.HasSessionsAsync(3);
    }

    [Fact]
    public async Task A_client_that_fails_in_every_way_leaves_nothing_counted()
    {
        GatewayOptions options = new()
        {
            MaxConnectionsPerClient = 4, MaxPendingHellosPerClient = 2, MaxPendingHellos = 2,
            HelloTimeout = TimeSpan.FromSeconds(0.1), ProxyHeaderTimeout = TimeSpan.FromSeconds(0.1),
        };
        using TestGateway gateway = await StartAsync(options);
        byte[] header = HeaderOf("192.0.2.1");
        byte[][] failures = [header[..10], [.. header, .. Hellos.App.AsSpan(0, 30)], [.. header, .. "nonsense"u8], [.. header, .. Hellos.Nameless], [.. header, .. header], "PROXY no\r\n"u8.ToArray(), header];
        for (int i = 0; i < failures.Length * 2; i++)
        {
            using Socket client = gateway.Connect(failures[i / 2]);
            if (i % 2 == 0)
                client.Reset();
            await gateway.NextEndAsync();
        }
        await gateway.HasSessionsAsync(0);
        for (int i = 0; i < 4; i++)
            await EnterAsync(gateway, "192.0.2.1");
        await IsRefusedAsync(gateway, "192.0.2.1");
    }

    [Fact]
    public async Task A_client_that_was_handed_over_keeps_its_place()
    {
        using TestGateway gateway = await StartAsync(new GatewayOptions { MaxConnectionsPerClient = 1 }, ListenMode.Http);
        using Socket first = gateway.Connect(HeaderOf("192.0.2.1")), other = gateway.Connect(HeaderOf("192.0.2.2"));
        using Guest guest = await Guest.TakeAsync(gateway.Handoffs), otherGuest = await Guest.TakeAsync(gateway.Handoffs);
        await IsRefusedAsync(gateway, "192.0.2.1");
        await IsRefusedAsync(gateway, "192.0.2.2");
        guest.Dispose();
        await gateway.HasSessionsAsync(1);
        using Socket again = gateway.Connect(HeaderOf(guest.Client.Client.ToIPAddress().ToString()));
        using Guest nextGuest = await Guest.TakeAsync(gateway.Handoffs);
        Assert.Equal(guest.Client.Client.ToIPAddress(), nextGuest.Client.Client.ToIPAddress());
    }

    [Fact]
    public async Task Who_is_banned_is_refused_behind_the_proxy_too()
    {
        using TestGateway gateway = await StartAsync(new GatewayOptions());
        gateway.Bans.Set(AddressPrefix.Of(IpEndpoint.Create(IPAddress.Parse("192.0.2.1"), 0)), BanTable.Never);
        using (Socket banned = gateway.Connect([.. HeaderOf("192.0.2.1"), .. Hellos.App]))
            Assert.Empty(banned.ReadToLast().Bytes);
        SessionRecord record = await gateway.NextRecordAsync();
        Assert.Equal((CloseReason.Banned, "192.0.2.1:4711"), (record.End, record.Client.ToString()));
        Assert.False(_backend.HasCallers);
        await EnterAsync(gateway, "192.0.2.2");
        await gateway.HasSessionsAsync(1);
    }

    public void Dispose()
    {
        foreach (Socket socket in _open)
            socket.Dispose();
        _backend.Dispose();
    }

    private static byte[] HeaderOf(string client)
    {
        IPEndPoint source = new(IPAddress.Parse(client), 4711);
        return Encoding.ASCII.GetBytes(Proxies.V1(source, new IPEndPoint(source.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, 443)));
    }

    private Task<Socket> EnterAsync(TestGateway gateway, string client) => EnterAsync(gateway, HeaderOf(client));

    private async Task<Socket> EnterAsync(TestGateway gateway, byte[] header)
    {
        Socket client = gateway.Connect([.. header, .. Hellos.App]);
        _open.Add(client);
        Socket server = await _backend.AcceptAsync();
        _open.Add(server);
        Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
        // It ends when its client does.
        _ = Peer.Start(() => { server.ReadToLast(); server.Close(); return 0; });
        return client;
    }

    private static Task IsRefusedAsync(TestGateway gateway, string client) => IsRefusedAsync(gateway, HeaderOf(client));

    private static async Task IsRefusedAsync(TestGateway gateway, byte[] header)
    {
        using Socket client = gateway.Connect([.. header, .. Hellos.App]);
        Assert.Empty(client.ReadToLast().Bytes);
        Assert.Equal(CloseReason.ClientLimit, await gateway.NextEndAsync());
    }

    private Task<TestGateway> StartAsync(GatewayOptions options, ListenMode mode = ListenMode.Tls) =>
        TestGateway.StartAsync((Setup.To(_backend) with { Options = options, Mode = mode }).Behind(AcceptProxy.Accept).Snapshot);
}
