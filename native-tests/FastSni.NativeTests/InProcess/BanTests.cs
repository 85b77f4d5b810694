using System.Net;
using System.Net.Sockets;
using FastSni.Bans;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>Who is banned is refused, and loses what is open.</summary>
public class BanTests
{
    private static readonly IPAddress Bad = IPAddress.Parse("127.0.0.66");

    [Theory]
    [InlineData(ListenMode.Tls)]
    [InlineData(ListenMode.Tcp)]
    [InlineData(ListenMode.Http)]
    public async Task A_banned_client_is_reset_at_accept_and_the_others_are_served(ListenMode mode)
    {
        using var backend = Backend.Start();
        Setup setup = Setup.To(backend) with { Mode = mode, Options = new GatewayOptions { MaxConnectionsPerClient = 1 } };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Snapshot);
        Ban(gateway, Bad);
        for (int i = 0; i < 20; i++)
            Assert.Equal((0, SocketError.ConnectionReset), Knock(gateway));
        Assert.Equal((20, 20, 0), (gateway.Gateway.Accepted, gateway.Gateway.Ended(CloseReason.Banned), gateway.Gateway.Sessions));
        Assert.False(backend.HasCallers);
        using Socket good = gateway.Connect(Hellos.App);
        if (mode == ListenMode.Http)
        {
            using Guest guest = await Guest.TakeAsync(gateway.Handoffs);
            return;
        }
        using Socket server = await backend.AcceptAsync();
        Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
    }

    /// <summary>The flood that a ban is for must not become one of log lines.</summary>
    [Fact]
    public async Task Refused_clients_have_a_line_a_second_and_are_counted_every_one()
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup().Snapshot);
        Ban(gateway, Bad);
        for (int i = 0; i < 200; i++)
            Knock(gateway);
        int lines = 0;
        while (gateway.TryTake(out SessionRecord record))
        {
            Assert.Equal((CloseReason.Banned, "reject", "127.0.0.66"), (record.End, record.Route, record.Client.ToIPAddress().ToString()));
            lines++;
        }
        Assert.InRange(lines, 1, 20);
        Assert.Equal(200, gateway.Gateway.Ended(CloseReason.Banned));
    }

    [Fact]
    public async Task A_ban_ends_what_the_client_has_open_in_every_phase_and_nobody_elses()
    {
        using BlackHole nowhere = new();
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync((Setup.To(backend) with { Nameless = Setup.Servers(Setup.Server(nowhere.Port)) }).Snapshot, workers: 2);
        using Socket hello = gateway.ConnectFrom(Bad), connecting = gateway.ConnectFrom(Bad), open = gateway.ConnectFrom(Bad);
        hello.SendAll(Hellos.App.AsSpan(0, 20));
        connecting.SendAll(Hellos.Nameless);
        open.SendAll(Hellos.App);
        using Socket server = await backend.AcceptAsync();
        server.ReadExactly(Hellos.App.Length);
        using Socket good = gateway.Connect(Hellos.App);
        using Socket goodServer = await backend.AcceptAsync();
        goodServer.ReadExactly(Hellos.App.Length);
        await gateway.ShowsPhaseAsync("hello");
        await gateway.ShowsPhaseAsync("connecting");

        Assert.Equal(3, await gateway.Gateway.CloseClientsAsync(IsBad));
        Assert.Equal(0, EndOf(hello).Bytes);
        Assert.Equal(0, EndOf(connecting).Bytes);
        Assert.Equal((0, SocketError.ConnectionReset), EndOf(open));
        Assert.Equal((0, SocketError.ConnectionReset), EndOf(server));
        Assert.Equal((3, 1), (gateway.Gateway.Ended(CloseReason.Banned), gateway.Gateway.Sessions));
        Assert.Contains("Information: closed 3 session(s) of banned client(s)", gateway.Log);
        Assert.Equal(0, await gateway.Gateway.CloseClientsAsync(IsBad));
        good.SendAll("unharmed"u8);
        Assert.Equal("unharmed"u8.ToArray(), goodServer.ReadExactly(8));
    }

    [Fact]
    public async Task A_refused_client_that_is_given_a_moment_is_not_given_it_when_it_is_banned()
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup().Snapshot);
        // The moment is a second: a slow machine may miss one, but not many.
        for (int tries = 0; gateway.Gateway.Ended(CloseReason.Banned) == 0; tries++)
        {
            Assert.InRange(tries, 0, 20);
            using Socket client = gateway.ConnectFrom(Bad);
            client.SendAll(Hellos.App);
            Assert.Equal(TlsAlert.UnrecognizedName.Length, client.ReadToLast().Bytes.Length);
            await gateway.Gateway.CloseClientsAsync(IsBad);
        }
        Assert.Equal(0, gateway.Gateway.Sessions);
    }

    [Fact]
    public async Task A_ban_reaches_those_who_were_handed_off_those_who_still_wait_too()
    {
        using TestGateway gateway = await OffloadGateway.StartAsync(workers: 2);
        using Socket taken = gateway.ConnectFrom(Bad), waiting = gateway.ConnectFrom(Bad), good = gateway.Connect(Hellos.App);
        using Guest goodGuest = await Guest.TakeAsync(gateway.Handoffs);
        taken.SendAll(Hellos.App);
        using Guest guest = await Guest.TakeAsync(gateway.Handoffs);
        waiting.SendAll(Hellos.App);
        await Eventually.IsTrueAsync(() => gateway.Gateway.Ended(CloseReason.HandedOff) == 3, "the third is in the queue");
        Assert.Equal(2, await gateway.Gateway.CloseClientsAsync(IsBad));
        Assert.Equal((true, false), (guest.Client.Lease.IsCloseRequested, goodGuest.Client.Lease.IsCloseRequested));
        using (Guest late = await Guest.TakeAsync(gateway.Handoffs))
            Assert.True(late.Client.Lease.IsCloseRequested);
        guest.Dispose();
        Assert.Equal([CloseReason.Banned, CloseReason.Banned], [await gateway.NextEndAsync(), await gateway.NextEndAsync()]);
        Assert.Equal((2, 1), (gateway.Gateway.Ended(CloseReason.Banned), gateway.Gateway.Sessions));
    }

    // The reset may come before anything is sent, where no first bytes are waited for.
    private static (int Bytes, SocketError Error) Knock(TestGateway gateway)
    {
        try
        {
            using Socket banned = gateway.ConnectFrom(Bad);
            banned.SendAll(Hellos.App);
            return EndOf(banned);
        }
        catch (SocketException refused)
        {
            return (0, refused.SocketErrorCode);
        }
    }

    private static void Ban(TestGateway gateway, IPAddress address) => gateway.Bans.Set(AddressPrefix.Of(IpEndpoint.Create(address, 0)), BanTable.Never);

    private static bool IsBad(IpEndpoint client) => client.WithPort(0) == IpEndpoint.Create(Bad, 0);

    private static (int Bytes, SocketError Error) EndOf(Socket socket)
    {
        (byte[] bytes, SocketError end) = socket.ReadToLast();
        return (bytes.Length, end);
    }
}
