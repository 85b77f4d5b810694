using System.Net.Sockets;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Linux;

public class PipeTests
{
    [Theory]
    [InlineData(256 * 1024)]
    [InlineData(1024 * 1024)]
    public void A_pipe_begins_small_and_grows(int wantedBytes)
    {
        using Pipe? pipe = Pipe.TryOpen();
        Assert.NotNull(pipe);
        Assert.InRange(pipe.CapacityBytes, Pipe.UsefulBytesMin, wantedBytes);
        Assert.True(pipe.TryGrow(wantedBytes));
        Assert.Equal(wantedBytes, pipe.CapacityBytes);
    }

    [Fact]
    public void A_pipe_that_the_kernel_does_not_let_grow_is_as_large_as_before()
    {
        using Pipe pipe = Pipe.TryOpen()!;
        int before = pipe.CapacityBytes;
        Assert.False(pipe.TryGrow(-1));     // More than there can be.
        Assert.Equal(before, pipe.CapacityBytes);
    }

    [Fact]
    public void Bytes_go_in_from_one_socket_and_out_to_another()
    {
        using SocketPair from = SocketPair.Open(), to = SocketPair.Open();
        using Pipe pipe = Pipe.TryOpen()!;
        byte[] sent = Pattern.Of(10_000);
        from.Far.SendAll(sent);
        int held = 0;
        while (held < sent.Length)
        {
            Loopback.WaitFor(from.Near, EpollEvents.In);
            held += pipe.FillFrom(from.Near, pipe.CapacityBytes).Bytes;
        }
        Assert.True(pipe.FillFrom(from.Near, pipe.CapacityBytes).WouldBlock);
        Assert.Equal(4_000, pipe.DrainTo(to.Near, 4_000).Bytes);
        Assert.Equal(6_000, pipe.DrainTo(to.Near, 6_000).Bytes);
        Assert.True(pipe.DrainTo(to.Near, 1).WouldBlock);
        Assert.Equal(sent, to.Far.ReadExactly(sent.Length));
    }

    [Fact]
    public void Filling_tells_the_end_and_an_error_of_the_socket()
    {
        using SocketPair ended = SocketPair.Open(), reset = SocketPair.Open();
        using Pipe pipe = Pipe.TryOpen()!;
        ended.Far.Shutdown(SocketShutdown.Send);
        Loopback.WaitFor(ended.Near, EpollEvents.In);
        Assert.True(pipe.FillFrom(ended.Near, 100).IsEnd);
        reset.Far.Reset();
        Loopback.WaitFor(reset.Near, EpollEvents.In);
        Assert.Equal(Errno.ConnectionReset, pipe.FillFrom(reset.Near, 100).Error);
        // The error is taken: nobody who asks later will hear of it.
        Assert.True(StreamSocket.Receive(reset.Near, new byte[1]).IsEnd);
    }

    [Fact]
    public void A_failed_target_leaves_the_bytes_in_the_pipe()
    {
        using SocketPair from = SocketPair.Open(), to = SocketPair.Open(), other = SocketPair.Open();
        using Pipe pipe = Pipe.TryOpen()!;
        from.Far.SendAll("secret"u8);
        Loopback.WaitFor(from.Near, EpollEvents.In);
        Assert.Equal(6, pipe.FillFrom(from.Near, 100).Bytes);
        to.Far.Reset();
        Loopback.WaitFor(to.Near, EpollEvents.In);
        Assert.Contains(pipe.DrainTo(to.Near, 6).Error, new[] { Errno.ConnectionReset, Errno.BrokenPipe });
        // Whoever used it next would send them to somebody else.
        Assert.Equal(6, pipe.DrainTo(other.Near, 6).Bytes);
        Assert.Equal("secret"u8.ToArray(), other.Far.ReadExactly(6));
    }
}
