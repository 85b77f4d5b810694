using System.Net.Sockets;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>An operator ends a session, in whatever room it is.</summary>
public class SessionCloseTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_session_that_is_closed_is_cut_on_both_sides_and_the_log_says_by_whom(int workers)
    {
        using Talk talk = await Talk.StartAsync(workers: workers);
        using Socket other = talk.Gateway.Connect(Hellos.App);
        using Socket otherServer = await talk.Backend.AcceptAsync();
        otherServer.ReadExactly(Hellos.App.Length);
        SessionView view = await talk.Gateway.ShowsAsync(list => list.FirstOrDefault(view => view.Client.ToString() == talk.Client.LocalEndPoint!.ToString()));
        Assert.True(await talk.Gateway.Gateway.CloseSessionAsync(view.Id));
        talk.IsCut();
        SessionRecord record = await talk.Gateway.NextRecordAsync();
        Assert.Equal((CloseReason.ClosedByOperator, view.Client, Hellos.App.Length), (record.End, record.Client, record.UpBytes));
        Assert.Equal((1, 1), (talk.Gateway.Gateway.Ended(CloseReason.ClosedByOperator), talk.Gateway.Gateway.Sessions));
        other.SendAll("unharmed"u8);
        Assert.Equal("unharmed"u8.ToArray(), otherServer.ReadExactly(8));
    }

    /// <summary>The end of a stream was passed on: what was sent before it is whole, and a reset would cost the part that was not read yet.</summary>
    [Fact]
    public async Task A_side_that_was_told_of_the_end_keeps_what_it_has()
    {
        using Talk talk = await Talk.StartAsync();
        byte[] reply = Pattern.Of(1_000_000);
        await Peer.Writes(talk.Server, socket => { socket.SendAll(reply); socket.Shutdown(SocketShutdown.Send); });
        SessionView view = await talk.Gateway.ShowsAsync(list => list.Single() is { DownBytes: 1_000_000 } done ? done : null);
        Assert.True(await talk.Gateway.Gateway.CloseSessionAsync(view.Id));
        Assert.Equal(Pattern.Hash(reply), Pattern.Hash(talk.Client.ReadToEnd()));
        Assert.Equal(SocketError.ConnectionReset, talk.Server.ReadToLast().End);
    }

    [Fact]
    public async Task An_id_that_nobody_has_or_that_is_over_closes_nothing()
    {
        using Talk talk = await Talk.StartAsync(workers: 2);
        SessionView view = Assert.Single(await talk.Gateway.ListAsync());
        foreach (long id in new[] { 0, -1, -view.Id, view.Id + 1, view.Id + 2, long.MaxValue, long.MinValue })
            Assert.False(await talk.Gateway.Gateway.CloseSessionAsync(id));
        Assert.Equal(1, talk.Gateway.Gateway.Sessions);
        Assert.True(await talk.Gateway.Gateway.CloseSessionAsync(view.Id));
        Assert.False(await talk.Gateway.Gateway.CloseSessionAsync(view.Id));
    }

    /// <summary>A slot is used again; an id is not.</summary>
    [Fact]
    public async Task The_next_session_of_a_slot_is_another_one()
    {
        using Room room = await Room.OpenAsync(new());
        await room.EnterAsync();
        SessionView first = Assert.Single(await room.Gateway.ListAsync());
        await room.LeaveAsync();
        await room.EnterAsync();
        SessionView second = Assert.Single(await room.Gateway.ListAsync());
        Assert.NotEqual(first.Id, second.Id);
        Assert.False(await room.Gateway.Gateway.CloseSessionAsync(first.Id));
        Assert.Equal(1, room.Gateway.Gateway.Sessions);
    }

    [Fact]
    public async Task A_session_without_its_hello_can_be_closed()
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup().Snapshot);
        using Socket client = gateway.Connect(Hellos.App.AsSpan(0, 20));
        SessionView view = await gateway.ShowsPhaseAsync("hello");
        Assert.True(await gateway.Gateway.CloseSessionAsync(view.Id));
        Assert.Empty(client.ReadToLast().Bytes);
        Assert.Equal(CloseReason.ClosedByOperator, await gateway.NextEndAsync());
        Assert.Equal((0, 0), (gateway.Gateway.Sessions, gateway.Gateway.PendingHellos));
    }

    [Fact]
    public async Task A_client_that_was_handed_off_is_closed_by_the_room_that_has_it()
    {
        using TestGateway gateway = await OffloadGateway.StartAsync(workers: 2);
        using Socket client = gateway.Connect(Hellos.App);
        using Guest guest = await Guest.TakeAsync(gateway.Handoffs);
        int cuts = 0;
        guest.Client.Lease.WhenCloseRequested(() => cuts++);
        Assert.True(await gateway.Gateway.CloseSessionAsync(guest.Client.Id));
        Assert.False(await gateway.Gateway.CloseSessionAsync(guest.Client.Id));
        Assert.Equal((1, 1, 0), (cuts, gateway.Gateway.Sessions, gateway.Gateway.Ended(CloseReason.ClosedByOperator)));
        guest.Dispose();
        SessionRecord record = await gateway.NextRecordAsync();
        Assert.Equal((CloseReason.ClosedByOperator, "offload:app", "app.example.org"), (record.End, record.Route, System.Text.Encoding.ASCII.GetString(record.Name)));
        Assert.Equal((guest.Client.Client, -1), (record.Client, record.ConnectMicros));
        Assert.Equal((0, 1), (gateway.Gateway.Sessions, gateway.Gateway.Ended(CloseReason.ClosedByOperator)));
    }

    [Fact]
    public async Task Nobody_waits_for_an_answer_of_a_gateway_that_has_stopped()
    {
        using Talk talk = await Talk.StartAsync(workers: 2);
        talk.Gateway.Dispose();
        Assert.Empty((await talk.Gateway.Gateway.ListSessionsAsync(10).WaitAsync(Loopback.Patience)).Sessions);
        Assert.False(await talk.Gateway.Gateway.CloseSessionAsync(2).WaitAsync(Loopback.Patience));
    }
}
