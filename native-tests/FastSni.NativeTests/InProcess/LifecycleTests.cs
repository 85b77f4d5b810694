using System.Net;
using System.Net.Sockets;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>Reload, drain and stop.</summary>
public class LifecycleTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_a_reload_old_sessions_go_on_and_new_ones_follow_the_new_configuration(int workers)
    {
        using Backend before = Backend.Start(), after = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(before).Snapshot, workers);
        IPEndPoint address = gateway.Address;
        using Socket oldClient = gateway.Connect(Hellos.App);
        using Socket oldServer = await before.AcceptAsync();
        oldServer.ReadExactly(Hellos.App.Length);

        await gateway.ApplyAsync(Setup.To(after).Snapshot);
        Assert.Equal(address, gateway.Address);
        await FollowsAsync(gateway, after);
        oldClient.SendAll("still here"u8);
        Assert.Equal("still here"u8.ToArray(), oldServer.ReadExactly(10));
        Assert.False(before.HasCallers);
    }

    [Fact]
    public async Task No_client_is_lost_over_many_reloads()
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend).Snapshot, workers: 2);
        using CancellationTokenSource enough = new();
        Task reloading = Task.Factory.StartNew(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                    await gateway.ApplyAsync(Setup.To(backend).Snapshot);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        for (int i = 0; i < 300; i++)
        {
            using Socket client = gateway.Connect(Hellos.App);
            using Socket server = await backend.AcceptAsync();
            Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
            server.Close();
            Assert.Empty(client.ReadToEnd());
        }
        await enough.CancelAsync();
        await reloading;
    }

    [Fact]
    public async Task A_reload_that_cannot_listen_changes_nothing()
    {
        using Backend before = Backend.Start(), after = Backend.Start();
        using Socket other = Loopback.NewSocket();
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        int takenPort = ((IPEndPoint)other.LocalEndPoint!).Port;
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(before).Snapshot);
        ListenEndpoint kept = new(IPAddress.Loopback, 0), free = new(IPAddress.Parse("127.0.0.3"), 0), taken = new(IPAddress.Loopback, takenPort);
        Setup broken = Setup.To(after) with { Endpoints = [kept, free, taken] };
        string error = Assert.Single(await gateway.TryApplyAsync(broken.Snapshot));
        Assert.Contains($"[listen:test] address: 127.0.0.1:{takenPort}: already in use", error, StringComparison.Ordinal);
        Assert.Single(gateway.Gateway.Endpoints);
        await FollowsAsync(gateway, before);
        Assert.False(after.HasCallers);
    }

    /// <summary>The running configuration's servers still have to be looked up again and known again by the next reload.</summary>
    [Fact]
    public async Task A_reload_that_fails_keeps_the_servers_of_the_running_configuration()
    {
        using Backend before = Backend.Start(), after = Backend.Start();
        using Socket other = Loopback.NewSocket();
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(before).Snapshot);
        using Socket client = gateway.Connect(Hellos.App);
        using Socket server = await before.AcceptAsync();
        Setup broken = Setup.To(after) with { Endpoints = [new(IPAddress.Loopback, ((IPEndPoint)other.LocalEndPoint!).Port)] };
        Assert.NotEmpty(await gateway.TryApplyAsync(broken.Snapshot));
        // The session in progress is counted at the one object that stands for this server.
        BackendOptions options = before.Options;    // Pools are found by the very object.
        Assert.Equal(1, gateway.Servers.Build([("test", options)])[options].Servers[0].Active);
    }

    [Fact]
    public async Task An_address_that_a_reload_takes_away_is_closed_and_one_it_adds_is_opened()
    {
        using var backend = Backend.Start();
        ListenEndpoint one = new(IPAddress.Loopback, 0), two = new(IPAddress.Parse("127.0.0.2"), 0);
        using TestGateway gateway = await TestGateway.StartAsync((Setup.To(backend) with { Endpoints = [one] }).Snapshot);
        IPEndPoint first = gateway.Address;
        await gateway.ApplyAsync((Setup.To(backend) with { Endpoints = [two] }).Snapshot);
        Assert.Equal("127.0.0.2", gateway.Address.Address.ToString());
        await FollowsAsync(gateway, backend);
        await Eventually.IsTrueAsync(() => IsRefused(first), "the old address is closed");
    }

    /// <summary>A wildcard and one address of the machine on the same port are two sockets of one gateway, not a conflict.</summary>
    [Fact]
    public async Task A_wildcard_and_a_specific_address_may_share_a_port()
    {
        int port = FreePort();
        using var backend = Backend.Start();
        Setup setup = Setup.To(backend) with { Endpoints = [new(IPAddress.Any, port), new(IPAddress.Loopback, port), new(IPAddress.IPv6Any, port)] };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Snapshot);
        Assert.Equal(3, gateway.Gateway.Endpoints.Count());
    }

    [Fact]
    public async Task A_drain_lets_sessions_finish_and_takes_nobody_new()
    {
        using Talk talk = await Talk.StartAsync();
        IPEndPoint address = talk.Gateway.Address;
        Task<int> draining = talk.Gateway.Gateway.DrainAsync(Loopback.Patience, CancellationToken.None);
        await Eventually.IsTrueAsync(() => IsRefused(address), "the listening socket is closed");
        talk.Client.SendAll("last words"u8);
        Assert.Equal("last words"u8.ToArray(), talk.Server.ReadExactly(10));
        Assert.False(draining.IsCompleted);
        talk.Client.Close();
        talk.Server.Close();
        Assert.Equal(0, await draining);
        Assert.Equal(CloseReason.Complete, await talk.Gateway.NextEndAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_drain_closes_what_is_left_at_its_end_and_counts_it(int workers)
    {
        using Talk talk = await Talk.StartAsync(workers: workers);
        Assert.Equal(1, await talk.Gateway.Gateway.DrainAsync(TimeSpan.FromMilliseconds(100), CancellationToken.None));
        talk.IsCut();
        Assert.Equal(CloseReason.Drained, await talk.Gateway.NextEndAsync());
        await talk.Gateway.HasSessionsAsync(0);
    }

    [Fact]
    public async Task A_second_order_to_stop_ends_the_drain()
    {
        using Talk talk = await Talk.StartAsync();
        using CancellationTokenSource hurry = new();
        Task<int> draining = talk.Gateway.Gateway.DrainAsync(Loopback.Patience, hurry.Token);
        await hurry.CancelAsync();
        Assert.Equal(1, await draining);
        talk.IsCut();
    }

    [Fact]
    public async Task Clients_in_the_queue_at_the_start_of_a_drain_are_served()
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend).Snapshot);
        Socket[] clients = [.. Enumerable.Range(0, 20).Select(_ => gateway.Connect(Hellos.App))];
        Task<int> draining = gateway.Gateway.DrainAsync(Loopback.Patience, CancellationToken.None);
        foreach (Socket _ in clients)
        {
            using Socket server = await backend.AcceptAsync();
            Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
            server.SendAll("served"u8);
        }
        foreach (Socket client in clients)
        {
            Assert.Equal("served"u8.ToArray(), client.ReadExactly(6));
            client.Dispose();
        }
        Assert.Equal(0, await draining);
    }

    [Fact]
    public async Task A_gateway_that_is_disposed_closes_everything()
    {
        using Talk talk = await Talk.StartAsync(workers: 2);
        IPEndPoint address = talk.Gateway.Address;
        talk.Gateway.Dispose();
        talk.IsCut();
        Assert.True(IsRefused(address));
    }

    private static async Task FollowsAsync(TestGateway gateway, Backend backend)
    {
        // The workers are told of a new configuration; the moment in which they hear of it is theirs.
        for (int i = 0; i < 5; i++)
        {
            await Task.Delay(10);
            using Socket client = gateway.Connect(Hellos.App);
            using Socket server = await backend.AcceptAsync();
            Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
        }
    }

    private static bool IsRefused(IPEndPoint address)
    {
        using Socket client = Loopback.NewSocket();
        try
        {
            client.Connect(address);
            return false;
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return true;
        }
    }

    private static int FreePort()
    {
        using Socket probe = Loopback.BindWithoutListening(out int port);
        return port;
    }
}
