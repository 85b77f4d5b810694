using System.Net.Sockets;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>One below, at, and one above each limit; and room again once somebody leaves.</summary>
public class LimitTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_client_may_have_so_many_sessions_and_no_more(int workers)
    {
        using Room room = await Room.OpenAsync(new GatewayOptions { MaxConnectionsPerClient = 3 }, workers);
        for (int i = 0; i < 3; i++)
            await room.EnterAsync();
        await room.IsRefusedAsync(CloseReason.ClientLimit);
        await room.LeaveAsync();
        await room.EnterAsync();
        await room.IsRefusedAsync(CloseReason.ClientLimit);
    }

    [Fact]
    public async Task A_client_may_open_so_many_sessions_a_second()
    {
        using Room room = await Room.OpenAsync(new GatewayOptions { MaxNewSessionsPerClient = 3 });
        int served = 0;
        // Some seconds' worth in a burst: whatever the clock says meanwhile, fewer are served than came, and the first three are.
        for (int i = 0; i < 13; i++)
        {
            using Socket client = room.Gateway.Connect(Hellos.App);
            if (await room.Gateway.NextEndOrServedAsync(room.Backend) is not null)
                continue;
            served++;
            client.Close();
            await room.Gateway.NextEndAsync();
        }
        Assert.InRange(served, 3, 9);
        Assert.True(room.Gateway.Gateway.Ended(CloseReason.ClientLimit) >= 4);
    }

    [Fact]
    public async Task The_gateway_has_room_for_so_many_sessions_and_no_more()
    {
        using Room room = await Room.OpenAsync(new GatewayOptions { MaxConnections = 2 });
        await room.EnterAsync();
        await room.EnterAsync();
        await room.IsRefusedAsync(CloseReason.ConnectionLimit);
        await room.LeaveAsync();
        await room.EnterAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task While_memory_is_short_nobody_new_comes_in(int workers)
    {
        using Room room = await Room.OpenAsync(new GatewayOptions(), workers);
        bool isShort = false;
        room.Gateway.Gateway.MemoryIsShort = () => Volatile.Read(ref isShort);
        (Socket client, Socket server) = await room.EnterAsync();
        Volatile.Write(ref isShort, true);
        await room.IsRefusedAsync(CloseReason.ConnectionLimit);
        // This one may have no line: a limit of all clients has one a second.
        using (Socket refused = room.Gateway.Connect(Hellos.App))
            Assert.Empty(refused.ReadToLast().Bytes);
        Assert.Equal((2, 2), (room.Gateway.Gateway.MemoryRefused, room.Gateway.Gateway.Ended(CloseReason.ConnectionLimit)));
        await Eventually.IsTrueAsync(
            () => room.Gateway.Log.Any(line => line.StartsWith("Warning: memory is short: ", StringComparison.Ordinal)), "it is told once the first is gone");
        Assert.DoesNotContain(room.Gateway.Log, line => line.Contains("connection limit of", StringComparison.Ordinal));
        // Who is inside stays.
        server.SendAll("still here"u8);
        Assert.Equal("still here"u8, client.ReadExactly("still here"u8.Length));
        Volatile.Write(ref isShort, false);
        await room.EnterAsync();
        Assert.Equal(2, room.Gateway.Gateway.MemoryRefused);
    }

    [Fact]
    public async Task A_client_may_have_so_many_unfinished_hellos()
    {
        using Room room = await Room.OpenAsync(new GatewayOptions { MaxPendingHellosPerClient = 2 });
        await IsFullAtTwoAsync(room, CloseReason.ClientLimit);
    }

    [Fact]
    public async Task The_gateway_takes_so_many_unfinished_hellos()
    {
        using Room room = await Room.OpenAsync(new GatewayOptions { MaxPendingHellos = 2, MaxPendingHellosPerClient = 0 });
        await IsFullAtTwoAsync(room, CloseReason.ConnectionLimit);
    }

    [Fact]
    public async Task A_client_that_is_counted_and_fails_in_every_way_leaves_nothing_counted()
    {
        GatewayOptions options = new() { MaxConnectionsPerClient = 4, MaxPendingHellosPerClient = 2, HelloTimeout = TimeSpan.FromSeconds(0.1) };
        using Room room = await Room.OpenAsync(options);
        for (int i = 0; i < 12; i++)
        {
            using Socket client = room.Gateway.Connect((i % 3) switch { 0 => Hellos.App.AsSpan(0, 30), 1 => "nonsense"u8, _ => Hellos.Nameless });
            if (i % 2 == 0)
                client.Reset();
            await room.Gateway.NextEndAsync();
        }
        await room.Gateway.HasSessionsAsync(0);
        for (int i = 0; i < 4; i++)
            await room.EnterAsync();
        await room.IsRefusedAsync(CloseReason.ClientLimit);
    }

    private static async Task IsFullAtTwoAsync(Room room, CloseReason reason)
    {
        using Socket one = room.Gateway.Connect(Hellos.App.AsSpan(0, 20));
        using Socket two = room.Gateway.Connect(Hellos.App.AsSpan(0, 20));
        await room.Gateway.HasSessionsAsync(2);
        using (Socket three = room.Gateway.Connect(Hellos.App.AsSpan(0, 20)))
        {
            // At once and without ceremony: a reset is fine.
            Assert.Empty(three.ReadToLast().Bytes);
        }
        Assert.Equal(reason, await room.Gateway.NextEndAsync());
        // A whole hello was never pending.
        await room.EnterAsync();
        one.SendAll(Hellos.App.AsSpan(20));
        using (Socket server = await room.Backend.AcceptAsync())
            Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
        using Socket four = room.Gateway.Connect(Hellos.App.AsSpan(0, 20));
        await Task.Delay(50);
        four.SendAll(Hellos.App.AsSpan(20));
        using Socket served = await room.Backend.AcceptAsync();
        Assert.Equal(Hellos.App, served.ReadExactly(Hellos.App.Length));
    }
}
