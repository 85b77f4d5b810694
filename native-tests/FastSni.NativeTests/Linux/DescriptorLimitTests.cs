using System.Net;
using System.Net.Sockets;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.Linux;

/// <summary>What happens at the end of the descriptors.</summary>
[Collection(Alone.Name)]
public class DescriptorLimitTests
{
    [Fact]
    public void Without_a_descriptor_accepting_pauses_and_the_client_stays_in_the_queue()
    {
        using ListenSocket listener = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        using Socket first = Connect(listener), second = Connect(listener);
        Loopback.Accept(listener, out _).Close();
        AcceptStatus status;
        using (new OpenFilesLimit(3))
            status = listener.Accept(out _, out _);
        Assert.Equal(AcceptStatus.Pause, status);
        Assert.Equal(AcceptStatus.Accepted, listener.Accept(out Fd client, out _));
        client.Close();
    }

    [Fact]
    public void Without_a_descriptor_there_is_no_connection_and_the_reason_is_ours()
    {
        using ListenSocket listener = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        Assert.True(StreamSocket.Connect(listener.Local, default, false, out Fd socket).IsOk);
        socket.Close();
        IoResult failed;
        using (new OpenFilesLimit(3))
            failed = StreamSocket.Connect(listener.Local, default, false, out socket);
        Assert.Equal((Errno.TooManyProcessFiles, false), (failed.Error, socket.IsOpen));
    }

    [Fact]
    public void Without_a_descriptor_there_is_no_pipe_and_nothing_is_left_open()
    {
        Pipe.TryOpen()!.Dispose();
        int before = OpenDescriptors();
        Pipe? pipe;
        using (new OpenFilesLimit(3))
            pipe = Pipe.TryOpen();
        Assert.Null(pipe);
        Assert.Equal(before, OpenDescriptors());
    }

    [Fact]
    public void What_fails_to_open_leaves_no_descriptor_behind()
    {
        using ListenSocket taken = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        IpEndpoint foreign = IpEndpoint.Create(IPAddress.Parse("203.0.113.1"), 0);
        Fails();
        int before = OpenDescriptors();
        Fails();
        // Fewer is fine: sockets that an earlier test forgot may be finalised meanwhile.
        Assert.InRange(OpenDescriptors(), 0, before);

        void Fails()
        {
            Assert.Throws<LinuxException>(() => ListenSocket.Open(taken.Local, shared: false, out _));
            Assert.Throws<LinuxException>(() => ListenSocket.ThrowIfTaken(taken.Local));
            Assert.False(StreamSocket.Connect(taken.Local, foreign, false, out _).IsOk);
            Assert.False(StreamSocket.ConnectUnix("/nonexistent/socket", out _).IsOk);
        }
    }

    [Fact]
    public void The_soft_limit_is_raised_to_the_hard_one()
    {
        using OpenFilesLimit lowered = new(512);
        Assert.Equal((long)Math.Min(OpenFilesLimit.Maximum, int.MaxValue), ProcessLimits.RaiseOpenFiles());
        Assert.Equal((long)Math.Min(OpenFilesLimit.Maximum, int.MaxValue), ProcessLimits.RaiseOpenFiles());
    }

    private static Socket Connect(ListenSocket listener)
    {
        Socket client = Loopback.NewSocket();
        client.Connect(IPAddress.Loopback, listener.Local.Port);
        return client;
    }

    private static int OpenDescriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
}
