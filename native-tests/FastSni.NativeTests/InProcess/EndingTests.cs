using System.Net.Sockets;
using FastSni.Config;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>How one side's end comes to the other.</summary>
public class EndingTests
{
    private const int ReplyBytes = 5 * 1024 * 1024;

    [Fact]
    public async Task A_client_that_half_closes_still_receives_the_whole_reply()
    {
        using Talk talk = await Talk.StartAsync();
        talk.Client.SendAll("the whole request"u8);
        talk.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal("the whole request"u8.ToArray(), talk.Server.ReadToEnd());
        byte[] reply = Pattern.Of(ReplyBytes);
        Task writing = Peer.Writes(talk.Server, socket => { socket.SendAll(reply); socket.Close(); });
        Assert.Equal(Pattern.Hash(reply), Pattern.Hash(talk.Client.ReadToEnd()));
        await writing;
        Assert.Equal(CloseReason.Complete, await talk.Gateway.NextEndAsync());
    }

    [Fact]
    public async Task A_backend_that_half_closes_still_receives_everything_from_the_client()
    {
        using Talk talk = await Talk.StartAsync();
        talk.Server.SendAll("the whole reply"u8);
        talk.Server.Shutdown(SocketShutdown.Send);
        Assert.Equal("the whole reply"u8.ToArray(), talk.Client.ReadToEnd());
        byte[] upload = Pattern.Of(ReplyBytes);
        Task writing = Peer.Writes(talk.Client, socket => { socket.SendAll(upload); socket.Close(); });
        Assert.Equal(Pattern.Hash(upload), Pattern.Hash(talk.Server.ReadToEnd()));
        await writing;
        Assert.Equal(CloseReason.Complete, await talk.Gateway.NextEndAsync());
    }

    [Fact]
    public async Task A_client_that_ends_right_behind_its_hello_gets_its_answer()
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend).Snapshot);
        using Socket client = gateway.Connect(Hellos.App);
        client.Shutdown(SocketShutdown.Send);
        using Socket server = await backend.AcceptAsync();
        Assert.Equal(Hellos.App, server.ReadToEnd());
        server.SendAll("answer"u8);
        server.Close();
        Assert.Equal("answer"u8.ToArray(), client.ReadToEnd());
    }

    /// <summary>The sender is long gone when the receiver begins to read; end and reset must not overtake what is on the way.</summary>
    [Fact]
    public async Task A_receiver_that_reads_late_gets_everything_and_then_the_end()
    {
        using Talk talk = await Talk.StartAsync();
        byte[] upload = Pattern.Of(ReplyBytes);
        Task writing = Peer.Writes(talk.Client, socket => { socket.SendAll(upload); socket.Shutdown(SocketShutdown.Send); });
        await Task.Delay(300);
        Assert.Equal(Pattern.Hash(upload), Pattern.Hash(talk.Server.ReadToEnd()));
        await writing;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(50_000)]
    [InlineData(400_000)]
    public async Task A_backends_reset_reaches_the_client_behind_everything_sent_before(int bytes)
    {
        using Talk talk = await Talk.StartAsync();
        byte[] reply = Pattern.Of(bytes);
        Task<(byte[] Bytes, SocketError End)> reading = Peer.Start(talk.Client.ReadToLast);
        talk.Server.SendAll(reply);
        await talk.SentEverythingAsync(talk.Server);
        talk.Server.Reset();
        (byte[] got, SocketError end) = await reading;
        Assert.Equal(Pattern.Hash(reply), Pattern.Hash(got));
        Assert.Equal(SocketError.ConnectionReset, end);
        Assert.Equal(CloseReason.BackendReset, await talk.Gateway.NextEndAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(50_000)]
    [InlineData(400_000)]
    public async Task A_clients_reset_reaches_the_backend_behind_everything_sent_before(int bytes)
    {
        using Talk talk = await Talk.StartAsync();
        byte[] upload = Pattern.Of(bytes);
        Task<(byte[] Bytes, SocketError End)> reading = Peer.Start(talk.Server.ReadToLast);
        talk.Client.SendAll(upload);
        await talk.SentEverythingAsync(talk.Client);
        talk.Client.Reset();
        (byte[] got, SocketError end) = await reading;
        Assert.Equal(Pattern.Hash(upload), Pattern.Hash(got));
        Assert.Equal(SocketError.ConnectionReset, end);
        Assert.Equal(CloseReason.ClientReset, await talk.Gateway.NextEndAsync());
    }

    /// <summary>
    /// The data and the reset are both in the kernel before the gateway looks: it must not take the end behind a consumed error for an orderly one.
    /// </summary>
    [Fact]
    public async Task A_reset_that_comes_at_once_with_the_data_is_still_a_reset()
    {
        using Talk talk = await Talk.StartAsync();
        for (int i = 0; i < 20; i++)
        {
            using Socket client = talk.Gateway.Connect(Hellos.App);
            using Socket server = await talk.Backend.AcceptAsync();
            server.ReadExactly(Hellos.App.Length);
            server.SendAll(Pattern.Of(50_000));
            server.Reset();
            Assert.Equal(SocketError.ConnectionReset, client.ReadToLast().End);
        }
    }

    [Fact]
    public async Task A_client_that_goes_away_in_mid_download_takes_its_backend_along()
    {
        using Talk talk = await Talk.StartAsync();
        Task<Errno> writing = Peer.Start(() => WriteUntilItFails(new Fd((int)talk.Server.Handle)));
        talk.Client.ReadExactly(100_000);
        talk.Client.Close();
        Assert.Contains(await writing, new[] { Errno.ConnectionReset, Errno.BrokenPipe });
        Assert.Equal(CloseReason.ClientReset, await talk.Gateway.NextEndAsync());
        await talk.Gateway.HasSessionsAsync(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_urgent_byte_in_mid_stream_stops_neither_direction(bool fromClient)
    {
        using Talk talk = await Talk.StartAsync();
        (Socket from, Socket to) = fromClient ? (talk.Client, talk.Server) : (talk.Server, talk.Client);
        byte[] sent = Pattern.Of(820_000);
        Task writing = Peer.Writes(from, socket =>
        {
            socket.SendAll(sent.AsSpan(0, 800_000));
            socket.Send([0xEE], SocketFlags.OutOfBand);
            socket.SendAll(sent.AsSpan(800_000));
        });
        Assert.Equal(Pattern.Hash(sent), Pattern.Hash(to.ReadExactly(sent.Length)));
        await writing;
        to.SendAll("answer"u8);
        Assert.Equal("answer"u8.ToArray(), from.ReadExactly(6));
    }

    [Fact]
    public async Task A_session_in_which_nothing_moves_ends_after_the_idle_timeout()
    {
        using Talk talk = await Talk.StartAsync(new GatewayOptions { IdleTimeout = TimeSpan.FromMilliseconds(200) });
        Assert.Empty(talk.Client.ReadToEnd());
        Assert.Empty(talk.Server.ReadToEnd());
        Assert.Equal(CloseReason.Idle, await talk.Gateway.NextEndAsync());
    }

    [Fact]
    public async Task Bytes_in_either_direction_keep_a_session_from_being_idle()
    {
        using Talk talk = await Talk.StartAsync(new GatewayOptions { IdleTimeout = TimeSpan.FromSeconds(1) });
        for (int i = 0; i < 60; i++)
        {
            Peer.Pause(30);
            (Socket from, Socket to) = i % 2 == 0 ? (talk.Client, talk.Server) : (talk.Server, talk.Client);
            from.SendAll("x"u8);
            to.ReadExactly(1);
        }
        Assert.Equal(1, talk.Gateway.Gateway.Sessions);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_side_that_stays_silent_after_the_others_end_is_given_up_soon(bool clientEnds)
    {
        using Talk talk = await Talk.StartAsync(new GatewayOptions { HalfCloseTimeout = TimeSpan.FromMilliseconds(200) });
        (Socket ended, Socket silent) = clientEnds ? (talk.Client, talk.Server) : (talk.Server, talk.Client);
        ended.Shutdown(SocketShutdown.Send);
        Assert.Empty(silent.ReadToEnd());
        Assert.Empty(ended.ReadToEnd());
        Assert.Equal(CloseReason.ClientSilent, await talk.Gateway.NextEndAsync());
    }

    private static Errno WriteUntilItFails(Fd socket)
    {
        var piece = new byte[10_000];
        IoResult sent;
        do
            sent = StreamSocket.Send(socket, piece);
        while (sent.IsOk);
        return sent.Error;
    }
}
