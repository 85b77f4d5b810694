using System.Net;
using System.Net.Sockets;
using System.Text;
using FastSni.Config;
using FastSni.Handoff;
using FastSni.NativeTests.Http;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>The side door: who goes through it, with what, and what stays counted.</summary>
public class HandoffTests
{
    private static readonly OffloadSection App = new() { Name = "app", Index = 0, Backend = new HttpBackendOptions { Servers = [] }, Tls = TlsIdentity.SelfSigned };

    [Fact]
    public async Task A_client_goes_with_what_its_hello_said_and_its_bytes_untouched()
    {
        using TestGateway gateway = await StartAsync(RouteAction.To(App));
        using Socket client = gateway.Connect(Hellos.App);
        using Guest guest = await Guest.TakeAsync(gateway.Handoffs);
        Assert.Equal(("app.example.org", "\x2h2\x8http/1.1"), (Encoding.ASCII.GetString(guest.Client.ServerName), Encoding.ASCII.GetString(guest.Client.AlpnList)));
        Assert.Equal(("test", App), (guest.Client.Listener.Name, guest.Client.Section));
        Assert.Equal((Of(client.LocalEndPoint), Of(client.RemoteEndPoint)), (guest.Client.Client, guest.Client.Local));
        Assert.True(guest.CameNonBlocking);
        Assert.True(guest.Client.Taken.IsEmpty);
        Assert.Equal(Hellos.App, guest.Socket.ReadExactly(Hellos.App.Length));
        guest.Socket.SendAll("welcome"u8);
        Assert.Equal("welcome"u8.ToArray(), client.ReadExactly(7));
        await Eventually.IsTrueAsync(() => gateway.Gateway.Ended(CloseReason.HandedOff) == 1, "it is counted");
    }

    /// <summary>Where the loop had to wait it watches the socket, and has told the kernel when to wake it: neither may follow the client.</summary>
    [Fact]
    public async Task A_client_that_was_waited_for_goes_as_if_nobody_had_looked()
    {
        using TestGateway gateway = await StartAsync(RouteAction.Offload);
        using Socket client = gateway.Connect(Hellos.App.AsSpan(0, 20));
        await gateway.HasSessionsAsync(1);
        client.SendAll(Hellos.App.AsSpan(20));
        using Guest guest = await Guest.TakeAsync(gateway.Handoffs);
        Assert.Equal((false, 1), (guest.IsWatched, guest.LowWaterBytes));
        Assert.Null(guest.Client.Section);
        Assert.Equal(Hellos.App, guest.Socket.ReadExactly(Hellos.App.Length));
    }

    /// <summary>A reload must not show a client, or let it into, what its connection was not begun for.</summary>
    [Fact]
    public async Task A_client_takes_along_the_identity_that_was_in_force_when_it_came()
    {
        TlsIdentity before = new("/before.pem", "/before.key", null), after = new("/after.pem", "/after.key", null), own = new("/own.pem", "/own.key", null);
        OffloadSection site = App with { Tls = own };
        Snapshot snapshot = new Setup().Snapshot with { Sections = [site], DefaultSite = new DefaultSite(before, 404) };
        snapshot = snapshot with { Listeners = [snapshot.Listeners[0] with { UnknownName = RouteAction.Offload }] };
        using TestGateway gateway = await TestGateway.StartAsync(snapshot);
        using Socket early = gateway.Connect(Hellos.App.AsSpan(0, 20));
        await gateway.HasSessionsAsync(1);
        await gateway.ApplyAsync(snapshot with { DefaultSite = new DefaultSite(after, 404) });
        early.SendAll(Hellos.App.AsSpan(20));
        using Guest first = await Guest.TakeAsync(gateway.Handoffs);
        using Socket late = gateway.Connect(Hellos.App);
        using Guest second = await Guest.TakeAsync(gateway.Handoffs);
        await gateway.ApplyAsync(snapshot with { Listeners = [snapshot.Listeners[0] with { UnknownName = RouteAction.To(site) }] });
        using Socket named = gateway.Connect(Hellos.App);
        using Guest third = await Guest.TakeAsync(gateway.Handoffs);
        Assert.Equal((before, after, own), (first.Client.Tls, second.Client.Tls, third.Client.Tls));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    public async Task What_an_urgent_byte_forced_us_to_take_goes_along(int place)
    {
        using TestGateway gateway = await StartAsync(RouteAction.Offload);
        using Socket client = gateway.Connect(Hellos.App.AsSpan(0, place));
        client.Send([0xEE], SocketFlags.OutOfBand);
        client.SendAll(Hellos.App.AsSpan(place));
        using Guest guest = await Guest.TakeAsync(gateway.Handoffs);
        // The slot is used again; the bytes must not be.
        using Socket next = gateway.Connect(Hellos.For("other.example.org"));
        using Guest nextGuest = await Guest.TakeAsync(gateway.Handoffs);
        client.SendAll("behind"u8);
        client.Shutdown(SocketShutdown.Send);
        Assert.False(guest.Client.Taken.IsEmpty);
        Assert.Equal([.. Hellos.App, .. "behind"u8], [.. guest.Client.Taken.Span, .. guest.Socket.ReadToEnd()]);
        Assert.Equal("app.example.org", Encoding.ASCII.GetString(guest.Client.ServerName));
    }

    [Fact]
    public async Task A_lease_keeps_its_place_until_it_is_returned()
    {
        using TestGateway gateway = await StartAsync(RouteAction.Offload, new GatewayOptions { MaxConnectionsPerClient = 2 });
        using Socket one = gateway.Connect(Hellos.App), two = gateway.Connect(Hellos.App);
        using Guest first = await Guest.TakeAsync(gateway.Handoffs), second = await Guest.TakeAsync(gateway.Handoffs);
        Assert.Equal(2, gateway.Gateway.Sessions);
        using (Socket third = gateway.Connect(Hellos.App))
            Assert.Empty(third.ReadToLast().Bytes);
        Assert.Equal(CloseReason.ClientLimit, await gateway.NextEndAsync());
        first.Dispose();
        first.Client.Lease.Return();    // A second time counts for nothing.
        await gateway.HasSessionsAsync(1);
        using (Socket fourth = gateway.Connect(Hellos.App))
        using (Guest guest = await Guest.TakeAsync(gateway.Handoffs))
            Assert.Equal(2, gateway.Gateway.Sessions);
        second.Dispose();
        await gateway.HasSessionsAsync(0);
    }

    [Fact]
    public async Task A_full_queue_closes_the_client_and_says_so()
    {
        using TestGateway gateway = await StartAsync(RouteAction.Offload);
        var stranger = new HandedOffClient { Descriptor = -1, Listener = new Setup().Snapshot.Listeners[0], Client = default, Local = default, Lease = new TestLease() };
        for (int i = 0; i < HandoffQueue.ClientsMax; i++)
            Assert.True(gateway.Handoffs.TryTake(stranger));
        await IsRefusedAsync(gateway, CloseReason.HandoffFull);
        gateway.Handoffs.Close();
        await IsRefusedAsync(gateway, CloseReason.Drained);
        await gateway.HasSessionsAsync(0);
    }

    [Fact]
    public async Task A_client_of_an_http_listener_goes_at_once()
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup { Mode = ListenMode.Http }.Snapshot);
        using Socket client = gateway.Connect();
        using Guest guest = await Guest.TakeAsync(gateway.Handoffs);
        Assert.Equal((Of(client.LocalEndPoint), Of(client.RemoteEndPoint)), (guest.Client.Client, guest.Client.Local));
        Assert.True(guest.Client is { Section: null, ServerName: [], AlpnList: [], Taken.IsEmpty: true });
        client.SendAll("GET"u8);
        Assert.Equal("GET"u8.ToArray(), guest.Socket.ReadExactly(3));
    }

    private static async Task IsRefusedAsync(TestGateway gateway, CloseReason reason)
    {
        using (Socket client = gateway.Connect(Hellos.App))
            Assert.Empty(client.ReadToEnd());
        Assert.Equal(reason, await gateway.NextEndAsync());
        Assert.Equal(1, gateway.Gateway.Ended(reason));
    }

    private static Task<TestGateway> StartAsync(RouteAction named, GatewayOptions? options = null)
    {
        Snapshot snapshot = new Setup { Options = options ?? new() }.Snapshot;
        return TestGateway.StartAsync(snapshot with { Listeners = [snapshot.Listeners[0] with { UnknownName = named }], Sections = [App] });
    }

    private static IpEndpoint Of(EndPoint? endpoint) => IpEndpoint.Create(((IPEndPoint)endpoint!).Address, ((IPEndPoint)endpoint).Port);
}
