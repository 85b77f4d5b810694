using System.Net.Sockets;
using System.Text;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Passthrough;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>Who is inside, as an operator may ask at any time.</summary>
public class SessionListTests
{
    private const int ReplyBytes = 1_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_session_is_shown_with_where_it_comes_from_and_goes(int workers)
    {
        using Talk talk = await Talk.StartAsync(workers: workers);
        talk.Server.SendAll("hello"u8);
        talk.Client.ReadExactly(5);
        SessionView view = await talk.Gateway.ShowsAsync(list => list.Single() is { DownBytes: 5 } counted ? counted : null);
        Assert.True(view.Id > 0);
        Assert.Equal(("test", talk.Client.LocalEndPoint!.ToString()), (view.Listener, view.Client.ToString()));
        Assert.Equal(("app.example.org", "passthrough:named", "open"), (Encoding.ASCII.GetString(view.Name), view.Route, view.Phase));
        Assert.Equal(($"127.0.0.1:{talk.Backend.Port}", null), (view.Backend.ToString(), view.BackendPath));
        Assert.Equal((Hellos.App.Length, 5), (view.UpBytes, view.DownBytes));
        Assert.InRange(view.AgeMicros, 1, 60_000_000);
    }

    [Fact]
    public async Task Every_phase_has_its_word_and_the_oldest_comes_first()
    {
        using BlackHole nowhere = new();
        using var backend = Backend.Start();
        Setup setup = Setup.To(backend) with { Nameless = Setup.Servers(Setup.Server(nowhere.Port)) };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Snapshot, workers: 2);
        using Socket waiting = gateway.Connect(Hellos.App.AsSpan(0, 20));
        await gateway.HasSessionsAsync(1);
        using Socket connecting = gateway.Connect(Hellos.Nameless);
        await gateway.HasSessionsAsync(2);
        using Socket open = gateway.Connect(Hellos.App);
        using Socket server = await backend.AcceptAsync();
        server.ReadExactly(Hellos.App.Length);
        // Reset, with a client that takes nothing of what came before: it is not over while that is under way. It is more than a client's kernel takes
        // unasked, and less than ours keeps for it.
        using Socket closing = gateway.Connect(Hellos.App);
        using Socket resetting = await backend.AcceptAsync();
        resetting.SendAll(new byte[ReplyBytes]);
        await gateway.ShowsAsync(list => list[^1].DownBytes == ReplyBytes ? list : null);
        resetting.Reset();
        IReadOnlyList<SessionView> list = await gateway.ShowsAsync(list => list[^1].Phase == "closing" ? list : null);
        Assert.Equal(["hello", "connecting", "open", "closing"], list.Select(view => view.Phase));
        Assert.Equal(["", "passthrough:nameless", "passthrough:named", "passthrough:named"], list.Select(view => view.Route));
        Assert.Equal(4, list.Select(view => view.Id).Distinct().Count());
        Assert.Equal(1, gateway.Gateway.PendingHellos);
    }

    [Fact]
    public async Task A_client_that_was_handed_off_is_shown_under_its_old_id_until_its_connection_ends()
    {
        using TestGateway gateway = await OffloadGateway.StartAsync();
        using Socket client = gateway.Connect(Hellos.App.AsSpan(0, 20));
        await gateway.HasSessionsAsync(1);
        SessionView before = Assert.Single(await gateway.ListAsync());
        client.SendAll(Hellos.App.AsSpan(20));
        using (Guest guest = await Guest.TakeAsync(gateway.Handoffs))
        {
            SessionView after = Assert.Single(await gateway.ListAsync());
            Assert.Equal((before.Id, before.Client, before.AcceptedMicros), (after.Id, after.Client, after.AcceptedMicros));
            Assert.Equal((guest.Client.Id, "test", "offload:app", "http"), (after.Id, after.Listener, after.Route, after.Phase));
            Assert.Equal("app.example.org", Encoding.ASCII.GetString(after.Name));
            Assert.True(after.Backend.IsNone);
        }
        Assert.Empty(await gateway.ListAsync());
    }

    [Fact]
    public async Task A_list_holds_no_more_than_was_asked_for_and_says_how_many_there_are()
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup { Options = new GatewayOptions { MaxPendingHellosPerClient = 0 } }.Snapshot, workers: 2);
        Socket[] clients = new Socket[20];
        for (int i = 0; i < clients.Length; i++)
        {
            clients[i] = gateway.Connect(Hellos.App.AsSpan(0, 20));
            await gateway.HasSessionsAsync(i + 1);
        }
        SessionList list = await gateway.Gateway.ListSessionsAsync(5);
        Assert.Equal(20, list.Total);
        Assert.Equal(clients.Take(5).Select(client => client.LocalEndPoint!.ToString()), list.Sessions.Select(view => view.Client.ToString()));
        Assert.Empty((await gateway.Gateway.ListSessionsAsync(0)).Sessions);
        Assert.All(clients, client => client.Dispose());
    }

    [Fact]
    public async Task Thousands_are_listed_while_the_others_go_on()
    {
        const int crowd = 2_000;
        using Talk talk = await Talk.StartAsync(new GatewayOptions { MaxConnectionsPerClient = 0, MaxPendingHellosPerClient = 0, HelloTimeout = TimeSpan.FromSeconds(60) });
        Socket[] clients = [.. Enumerable.Range(0, crowd).Select(_ => talk.Gateway.Connect(Hellos.App.AsSpan(0, 20)))];
        await talk.Gateway.HasSessionsAsync(crowd + 1);
        Task<IReadOnlyList<SessionView>>[] asked = [.. Enumerable.Range(0, 10).Select(_ => talk.Gateway.ListAsync())];
        for (int i = 0; i < 100; i++)
        {
            talk.Client.SendAll("there"u8);
            Assert.Equal("there"u8.ToArray(), talk.Server.ReadExactly(5));
        }
        foreach (IReadOnlyList<SessionView> list in await Task.WhenAll(asked))
        {
            Assert.Equal(crowd + 1, list.Select(view => view.Id).Distinct().Count());
            Assert.Equal("open", list[0].Phase);
        }
        Assert.All(clients, client => client.Dispose());
        await talk.Gateway.HasSessionsAsync(1);
    }

    [Fact]
    public async Task What_a_status_shows_is_there_to_be_read()
    {
        using Talk talk = await Talk.StartAsync(new GatewayOptions { MaxConnections = 123 });
        Gateway gateway = talk.Gateway.Gateway;
        Assert.Equal((1, 123, 0, 0), (gateway.Sessions, gateway.SessionsMax, gateway.PendingHellos, gateway.AcceptPauses));
        await Eventually.IsTrueAsync(() => gateway.AcceptedPerSecond == 1, "the second is over");
        await Eventually.IsTrueAsync(() => gateway.AcceptedPerSecond == 0, "the next one too");
        talk.Server.ReceiveBufferSize = 4096;
        talk.Client.Blocking = false;
        while (talk.Client.Poll(300_000, SelectMode.SelectWrite))
            talk.Client.Send(new byte[1_000_000], 0, 1_000_000, SocketFlags.None, out _);
        await Eventually.IsTrueAsync(() => gateway.PipesHeld == 1, "the pipe with what is not taken is counted");
    }
}
