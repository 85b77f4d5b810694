using System.Net;
using System.Net.Sockets;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.Linux;

public class StreamSocketTests
{
    [Fact]
    public void Peeking_leaves_every_byte_in_the_queue()
    {
        using SocketPair pair = Sent("hello"u8);
        var buffer = new byte[10];
        Assert.Equal(5, StreamSocket.Peek(pair.Near, buffer).Bytes);
        Assert.Equal(5, StreamSocket.Peek(pair.Near, buffer).Bytes);
        Assert.Equal(5, StreamSocket.Receive(pair.Near, buffer).Bytes);
        Assert.Equal("hello"u8.ToArray(), buffer[..5]);
        Assert.True(StreamSocket.Peek(pair.Near, buffer).WouldBlock);
    }

    [Fact]
    public void Discarding_takes_exactly_so_many_bytes()
    {
        using SocketPair pair = Sent(Pattern.Of(10_000));
        Assert.Equal(4_321, StreamSocket.Discard(pair.Near, 4_321).Bytes);
        var rest = new byte[20_000];
        Assert.Equal(10_000 - 4_321, StreamSocket.Receive(pair.Near, rest).Bytes);
        Assert.Equal(Pattern.Of(10_000)[4_321..], rest[..(10_000 - 4_321)]);
        Assert.True(StreamSocket.Discard(pair.Near, 100).WouldBlock);
    }

    [Fact]
    public void Two_parts_in_one_send_arrive_in_one_piece()
    {
        using SocketPair pair = SocketPair.Open();
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(11, StreamSocket.Send(pair.Near, "header"u8, "hello"u8).Bytes);
            var buffer = new byte[100];
            Assert.Equal(11, pair.Far.Receive(buffer));
            Assert.Equal("headerhello"u8.ToArray(), buffer[..11]);
        }
        Assert.Equal(3, StreamSocket.Send(pair.Near, [], "one"u8).Bytes);
        Assert.Equal(3, StreamSocket.Send(pair.Near, "two"u8, []).Bytes);
        Assert.Equal("onetwo"u8.ToArray(), pair.Far.ReadExactly(6));
    }

    [Fact]
    public void The_end_of_a_stream_and_its_reset_are_told_apart()
    {
        using SocketPair ended = SocketPair.Open(), reset = SocketPair.Open();
        ended.Far.Shutdown(SocketShutdown.Send);
        Assert.Equal(EpollEvents.In | EpollEvents.ReadHangUp, Loopback.WaitFor(ended.Near, EpollEvents.In | EpollEvents.ReadHangUp));
        Assert.True(StreamSocket.Receive(ended.Near, new byte[1]).IsEnd);
        reset.Far.Reset();
        Assert.True(Loopback.WaitFor(reset.Near, EpollEvents.In).HasFlag(EpollEvents.Error | EpollEvents.HangUp));
        Assert.Equal(Errno.ConnectionReset, StreamSocket.Receive(reset.Near, new byte[1]).Error);
        // The kernel tells an error once; behind it lies what looks like an orderly end.
        Assert.True(StreamSocket.Receive(reset.Near, new byte[1]).IsEnd);
    }

    [Fact]
    public void Writing_to_a_closed_connection_is_an_answer_and_no_signal()
    {
        using SocketPair pair = SocketPair.Open();
        pair.Far.Reset();
        Loopback.WaitFor(pair.Near, EpollEvents.In);
        Assert.Equal(Errno.ConnectionReset, StreamSocket.Send(pair.Near, "x"u8).Error);
        Assert.Equal(Errno.BrokenPipe, StreamSocket.Send(pair.Near, "x"u8, "y"u8).Error);
    }

    [Fact]
    public void A_refused_connection_says_so_when_it_is_decided()
    {
        using Socket refusing = Loopback.BindWithoutListening(out int port);
        IoResult begun = StreamSocket.Connect(IpEndpoint.Create(IPAddress.Loopback, port), default, sendsFirst: true, out Fd socket);
        if (!begun.IsOk)
        {
            Assert.Equal((Errno.ConnectionRefused, false), (begun.Error, socket.IsOpen));
            return;
        }
        Loopback.WaitFor(socket, EpollEvents.Out);
        Assert.Equal(Errno.ConnectionRefused, StreamSocket.TakeError(socket));
        Assert.Equal(Errno.None, StreamSocket.TakeError(socket));
        socket.Close();
    }

    [Fact]
    public void A_peer_that_was_acknowledged_late_is_acknowledged_at_once_when_asked_for()
    {
        using ListenSocket listener = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        Assert.True(StreamSocket.Connect(listener.Local, default, sendsFirst: true, out Fd socket).IsOk);
        Loopback.WaitFor(socket, EpollEvents.Out);
        Assert.Equal(1, StreamSocket.Send(socket, "x"u8).Bytes);
        StreamSocket.AcknowledgeAtOnce(socket);
        const int TcpQuickAck = 12;
        Assert.Equal(1, Sys.TryGetOption(socket, (int)SocketOptionLevel.Tcp, TcpQuickAck));
        socket.Close();
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.88")]
    [InlineData("127.0.0.1", null)]
    [InlineData("::1", "::1")]
    [InlineData("::1", null)]
    public void A_connection_comes_from_the_address_that_is_asked_for(string server, string? source)
    {
        using ListenSocket listener = ListenSocket.Open(IpEndpoint.Create(IPAddress.Parse(server), 0), shared: false, out _);
        IpEndpoint from = source is null ? default : IpEndpoint.Create(IPAddress.Parse(source), 0);
        Assert.True(StreamSocket.Connect(listener.Local, from, sendsFirst: false, out Fd socket).IsOk);
        Fd accepted = Loopback.Accept(listener, out IpEndpoint peer);
        Assert.Equal(source ?? server, peer.ToIPAddress().ToString());
        Assert.Equal(peer, StreamSocket.LocalEndpoint(socket));
        Assert.Equal(listener.Local, StreamSocket.LocalEndpoint(accepted));
        socket.Close();
        accepted.Close();
    }

    [Fact]
    public void A_source_address_that_is_not_ours_is_an_error()
    {
        IpEndpoint foreign = IpEndpoint.Create(IPAddress.Parse("203.0.113.1"), 0);
        IoResult failed = StreamSocket.Connect(Loopback.AnyPort.WithPort(1), foreign, false, out Fd socket);
        Assert.Equal((Errno.AddressNotAvailable, false), (failed.Error, socket.IsOpen));
    }

    [Fact]
    public void A_unix_socket_is_connected_at_once_or_not_at_all()
    {
        string path = Path.Combine(Path.GetTempPath(), $"fastsni-test-{Guid.NewGuid():N}.sock");
        Assert.Equal(Errno.NoEntry, StreamSocket.ConnectUnix(path, out Fd none).Error);
        Assert.False(none.IsOpen);
        using Socket listener = Loopback.NewSocket(AddressFamily.Unix);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        try
        {
            Assert.Equal(Errno.ConnectionRefused, StreamSocket.ConnectUnix(path, out _).Error);
            listener.Listen(0);
            Assert.True(StreamSocket.ConnectUnix(path, out Fd socket).IsOk);
            Assert.Equal(1, StreamSocket.Send(socket, "x"u8).Bytes);
            Assert.True(StreamSocket.LocalEndpoint(socket).IsNone);
            // Its queue takes one; the next is told to come again, and there is nothing to wait on.
            Assert.Equal(Errno.Again, StreamSocket.ConnectUnix(path, out _).Error);
            socket.Close();
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Below_the_low_water_mark_a_socket_is_not_readable()
    {
        using SocketPair pair = SocketPair.Open();
        using var epoll = Epoll.Create();
        Span<EpollEvent> events = stackalloc EpollEvent[1];
        StreamSocket.ReceiveLowWater(pair.Near, 1_000);
        Assert.True(epoll.TryAdd(pair.Near, EpollEvents.In | EpollEvents.EdgeTriggered, 1));
        pair.Far.SendAll(new byte[999]);
        Assert.Equal(0, epoll.Wait(events, 100));
        Assert.Equal(999, StreamSocket.Peek(pair.Near, new byte[2_000]).Bytes);
        pair.Far.SendAll(new byte[1]);
        Assert.Equal(1, epoll.Wait(events, Loopback.PatienceMilliseconds));
        StreamSocket.Discard(pair.Near, 1_000);
        StreamSocket.ReceiveLowWater(pair.Near, 1);
        pair.Far.SendAll(new byte[1]);
        Assert.Equal(1, epoll.Wait(events, Loopback.PatienceMilliseconds));
    }

    [Fact]
    public void Lowering_the_mark_reports_what_is_already_there()
    {
        using SocketPair pair = SocketPair.Open();
        using var epoll = Epoll.Create();
        Span<EpollEvent> events = stackalloc EpollEvent[1];
        StreamSocket.ReceiveLowWater(pair.Near, 1_000);
        Assert.True(epoll.TryAdd(pair.Near, EpollEvents.In | EpollEvents.EdgeTriggered, 1));
        pair.Far.SendAll(new byte[10]);
        Assert.Equal(0, epoll.Wait(events, 100));
        StreamSocket.ReceiveLowWater(pair.Near, 1);
        Assert.Equal(1, epoll.Wait(events, Loopback.PatienceMilliseconds));
    }

    [Fact]
    public void The_kernel_holds_a_whole_hello_of_the_largest_size_below_its_mark()
    {
        using SocketPair pair = SocketPair.Open();
        StreamSocket.ReceiveLowWater(pair.Near, 64 * 1024);
        pair.Far.SendAll(new byte[64 * 1024]);
        Assert.Equal(EpollEvents.In, Loopback.WaitFor(pair.Near, EpollEvents.In));
        Assert.Equal(64 * 1024, StreamSocket.Peek(pair.Near, new byte[70_000]).Bytes);
    }

    [Fact]
    public void Aborting_sends_a_reset()
    {
        using SocketPair pair = SocketPair.Open();
        StreamSocket.Abort(pair.Near);
        pair.ForgetNear();
        Assert.Equal(SocketError.ConnectionReset, pair.Far.ReadToLast().End);
    }

    [Fact]
    public void Closing_a_side_sends_an_end()
    {
        using SocketPair pair = SocketPair.Open();
        StreamSocket.Send(pair.Near, "bye"u8);
        StreamSocket.ShutdownWrite(pair.Near);
        Assert.Equal("bye"u8.ToArray(), pair.Far.ReadToEnd());
    }

    [Fact]
    public async Task The_send_queue_counts_what_is_not_acknowledged()
    {
        using SocketPair pair = SocketPair.Open(farReceiveBytes: 4096);
        Assert.Equal(0, StreamSocket.UnacknowledgedBytes(pair.Near));
        int sent = 0;
        IoResult result;
        while ((result = StreamSocket.Send(pair.Near, new byte[100_000])).IsOk)
            sent += result.Bytes;
        Assert.True(result.WouldBlock);
        Assert.InRange(StreamSocket.UnacknowledgedBytes(pair.Near), 1, sent);
        Assert.False(StreamSocket.IsWritable(pair.Near));
        Task<byte[]> reading = Peer.Start(() => pair.Far.ReadExactly(sent));
        await Eventually.IsTrueAsync(() => StreamSocket.UnacknowledgedBytes(pair.Near) == 0, "everything is acknowledged");
        Assert.True(StreamSocket.IsWritable(pair.Near));
        await reading;
    }

    [Fact]
    public void Peeking_stops_at_an_urgent_mark_and_receiving_passes_it()
    {
        using SocketPair pair = SocketPair.Open();
        pair.Far.SendAll("before"u8);
        pair.Far.Send([0xEE], SocketFlags.OutOfBand);
        pair.Far.SendAll("after"u8);
        Loopback.WaitFor(pair.Near, EpollEvents.Priority);
        StreamSocket.ReceiveLowWater(pair.Near, 12);
        Loopback.WaitFor(pair.Near, EpollEvents.In);
        var buffer = new byte[100];
        Assert.Equal(6, StreamSocket.Peek(pair.Near, buffer).Bytes);
        Assert.Equal(6, StreamSocket.Receive(pair.Near, buffer).Bytes);
        Assert.Equal(5, StreamSocket.Receive(pair.Near, buffer).Bytes);
        Assert.Equal("after"u8.ToArray(), buffer[..5]);
    }

    private static SocketPair Sent(ReadOnlySpan<byte> bytes)
    {
        SocketPair pair = SocketPair.Open();
        pair.Far.SendAll(bytes);
        StreamSocket.ReceiveLowWater(pair.Near, bytes.Length);
        Loopback.WaitFor(pair.Near, EpollEvents.In);
        return pair;
    }
}
