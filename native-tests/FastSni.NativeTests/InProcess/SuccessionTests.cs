using System.Net;
using System.Net.Sockets;
using FastSni.Config;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>One gateway takes over the listening sockets of another, as over an upgrade; the two share this process.</summary>
public class SuccessionTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    public async Task No_client_is_lost_however_many_workers_each_has(int workersBefore, int workersAfter)
    {
        using Backend before = Backend.Start(), after = Backend.Start();
        ListenEndpoint[] endpoints = [NextEndpoint()];
        using TestGateway old = await TestGateway.StartAsync((Setup.To(before) with { Endpoints = [.. endpoints] }).Snapshot, workersBefore);
        Socket[] early = [.. Enumerable.Range(0, 20).Select(_ => old.Connect(Hellos.App))];

        using TestGateway successor = await TestGateway.StartAsync(
            (Setup.To(after) with { Endpoints = [.. endpoints] }).Snapshot, workersAfter, HandedOverBy(old));
        Assert.Equal(Math.Max(workersBefore, workersAfter), successor.Gateway.ListeningSockets.Count);
        Socket[] between = [.. Enumerable.Range(0, 20).Select(_ => old.Connect(Hellos.App))];
        await old.Gateway.StopListeningAsync();
        Socket[] late = [.. Enumerable.Range(0, 60).Select(_ => successor.Connect(Hellos.App))];

        await Eventually.IsTrueAsync(() => old.Gateway.Accepted + successor.Gateway.Accepted == 100, "every client is accepted");
        Assert.InRange(successor.Gateway.Accepted, 60, 80);
        Assert.InRange(old.Gateway.Accepted, 20, 40);
        await old.HasSessionsAsync((int)old.Gateway.Accepted);
        await successor.HasSessionsAsync((int)successor.Gateway.Accepted);
        foreach (Socket client in early.Concat(between).Concat(late))
            client.Dispose();
    }

    [Fact]
    public async Task A_socket_that_shares_with_nobody_serves_all_workers()
    {
        using var backend = Backend.Start();
        ListenSocket alone = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        ListenEndpoint endpoint = new(IPAddress.Loopback, alone.Local.Port);
        using TestGateway gateway = await TestGateway.StartAsync((Setup.To(backend) with { Endpoints = [endpoint] }).Snapshot, workers: 3, [alone]);
        Assert.Equal(3, gateway.Gateway.ListeningSockets.Count);
        for (int i = 0; i < 10; i++)
        {
            using Socket client = gateway.Connect(Hellos.App);
            using Socket server = await backend.AcceptAsync();
            Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
        }
    }

    [Fact]
    public async Task An_address_that_the_successor_does_not_want_is_served_by_the_predecessor_to_the_end()
    {
        using Backend before = Backend.Start(), after = Backend.Start();
        ListenEndpoint gone = NextEndpoint(), kept = NextEndpoint(), fresh = NextEndpoint();
        using TestGateway old = await TestGateway.StartAsync((Setup.To(before) with { Endpoints = [gone, kept] }).Snapshot, workers: 2);
        using TestGateway successor = await TestGateway.StartAsync((Setup.To(after) with { Endpoints = [kept, fresh] }).Snapshot, workers: 2, HandedOverBy(old));
        Assert.Equal([kept.Port, fresh.Port], successor.Gateway.Endpoints.Select(endpoint => (int)endpoint.Port));
        for (int i = 0; i < 10; i++)
        {
            using Socket client = old.Connect(Hellos.App);
            using Socket server = await before.AcceptAsync();
            Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
        }
        IPEndPoint address = old.Address;
        await old.Gateway.StopListeningAsync();
        using Socket late = Loopback.NewSocket();
        Assert.Equal(SocketError.ConnectionRefused, Assert.Throws<SocketException>(() => late.Connect(address)).SocketErrorCode);
    }

    [Fact]
    public async Task A_successor_that_cannot_listen_everywhere_leaves_the_predecessor_as_it_was()
    {
        using Backend before = Backend.Start(), after = Backend.Start();
        ListenEndpoint kept = NextEndpoint();
        using TestGateway old = await TestGateway.StartAsync((Setup.To(before) with { Endpoints = [kept] }).Snapshot, workers: 1);
        using ListenSocket stranger = ListenSocket.Open(IpEndpoint.Create(IPAddress.Parse("127.0.0.4"), 0), shared: true, out _);
        Setup broken = Setup.To(after) with { Endpoints = [kept, new ListenEndpoint(stranger.Local.ToIPAddress(), stranger.Local.Port)] };
        using (TestGateway successor = TestGateway.Create(workers: 3, HandedOverBy(old)))
        {
            string error = Assert.Single(await successor.TryApplyAsync(broken.Snapshot));
            Assert.Contains($"{stranger.Local}: already in use by ", error, StringComparison.Ordinal);
            Assert.Contains($"(pid {Environment.ProcessId})", error, StringComparison.Ordinal);
        }
        for (int i = 0; i < 20; i++)
        {
            using Socket client = old.Connect(Hellos.App);
            using Socket server = await before.AcceptAsync();
            Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
        }
    }

    // Descriptors of its own for the successor, as another process would have them.
    private static IEnumerable<ListenSocket> HandedOverBy(TestGateway old) =>
        old.Gateway.ListeningSockets.Select(socket => Assert.IsType<ListenSocket>(ListenSocket.TryAdopt(socket)).Duplicate());

    private static ListenEndpoint NextEndpoint()
    {
        using Socket probe = Loopback.BindWithoutListening(out int port);
        return new ListenEndpoint(IPAddress.Loopback, port);
    }
}
