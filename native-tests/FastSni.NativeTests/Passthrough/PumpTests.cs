using System.Net.Sockets;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using FastSni.Passthrough;
using Xunit;

namespace FastSni.NativeTests.Passthrough;

public class PumpTests
{
    private const int BulkBytes = 8 * 1024 * 1024;

    [Fact]
    public async Task Small_messages_are_copied_and_never_take_a_pipe()
    {
        using PumpRig rig = PumpRig.Open();
        byte[] sent = Pattern.Of(200 * 100);
        for (int start = 0; start < sent.Length; start += 200)
        {
            rig.From.Far.SendAll(sent.AsSpan(start, 200));
            rig.RunUntilDelivered(start + 200);
            Assert.Equal(sent[start..(start + 200)], rig.To.Far.ReadExactly(200));
        }
        rig.From.Far.Shutdown(SocketShutdown.Send);
        Task<byte[]> rest = Peer.ReadsToEnd(rig.To.Far);
        Assert.Equal(PumpStatus.Done, rig.Run());
        Assert.Empty(await rest);
        Assert.Equal((0, false), (rig.Pipes.Open, rig.HasSpliced));
    }

    [Fact]
    public async Task Bulk_is_spliced_and_arrives_whole_although_the_reader_is_slow()
    {
        using PumpRig rig = PumpRig.Open(readerReceiveBytes: 16 * 1024);
        byte[] sent = Pattern.Of(BulkBytes);
        Task writing = Peer.Writes(rig.From.Far, socket => { socket.SendAll(sent); socket.Shutdown(SocketShutdown.Send); });
        Task<byte[]> reading = Peer.Start(() =>
        {
            byte[] first = [];
            for (int i = 0; i < 20; i++)
            {
                first = [.. first, .. rig.To.Far.ReadExactly(5_000)];
                Peer.Pause(2);
            }
            return (byte[])[.. first, .. rig.To.Far.ReadToEnd()];
        });
        Assert.Equal(PumpStatus.Done, rig.Run());
        await writing;
        Assert.Equal(Pattern.Hash(sent), Pattern.Hash(await reading));
        Assert.True(rig.HasSpliced);
        Assert.Equal((BulkBytes, 0, true), (rig.Direction.DeliveredBytes, rig.Direction.HeldBytes, rig.Direction.IsDone));
    }

    /// <summary>A pipe counts slots: it is full long before its bytes are, and splice then says the same as for an empty socket.</summary>
    [Fact]
    public async Task A_flow_of_tiny_segments_does_not_stop_at_a_pipe_full_of_them()
    {
        using PumpRig rig = PumpRig.Open(readerReceiveBytes: 4096);
        rig.Direction.Worth = PipeSize.Small;
        byte[] sent = Pattern.Of(20_000 * 100);
        Task writing = Peer.Writes(rig.From.Far, socket =>
        {
            for (int start = 0; start < sent.Length; start += 100)
                socket.SendAll(sent.AsSpan(start, 100));
            socket.Shutdown(SocketShutdown.Send);
        });
        rig.RunUntilQuiet();        // Everything on the way is full now.
        Task<byte[]> reading = Peer.ReadsToEnd(rig.To.Far);
        Assert.Equal(PumpStatus.Done, rig.Run());
        await writing;
        Assert.Equal(Pattern.Hash(sent), Pattern.Hash(await reading));
        Assert.True(rig.HasSpliced);
    }

    [Fact]
    public async Task The_end_comes_only_behind_the_last_held_byte()
    {
        using PumpRig rig = PumpRig.Open(readerReceiveBytes: 4096);
        byte[] sent = Pattern.Of(BulkBytes);
        Task writing = Peer.Writes(rig.From.Far, socket => { socket.SendAll(sent); socket.Shutdown(SocketShutdown.Send); });
        Assert.Equal(PumpStatus.Waiting, rig.RunUntilQuiet());
        Assert.True(rig.Direction.HeldBytes > 0);
        Assert.False(rig.Direction.IsDone);
        Task<byte[]> reading = Peer.ReadsToEnd(rig.To.Far);
        Assert.Equal(PumpStatus.Done, rig.Run());
        await writing;
        Assert.Equal(Pattern.Hash(sent), Pattern.Hash(await reading));
    }

    [Fact]
    public async Task What_a_source_sent_before_its_reset_is_delivered_and_the_reset_is_known()
    {
        using PumpRig rig = PumpRig.Open();
        byte[] sent = Pattern.Of(50_000);
        rig.From.Far.SendAll(sent);
        Loopback.WaitFor(rig.From.Near, EpollEvents.In);
        rig.From.Far.Reset();
        Task<byte[]> reading = Peer.ReadsToEnd(rig.To.Far);
        Assert.Equal(PumpStatus.Done, rig.Run());
        Assert.True(rig.Source.HasFailed, "a reset was taken for an orderly end");
        Assert.Equal(sent, await reading);
    }

    [Fact]
    public async Task A_flow_that_fills_its_pipe_again_and_again_is_worth_a_larger_one()
    {
        using PumpRig rig = PumpRig.Open();
        byte[] sent = Pattern.Of(16 * 1024 * 1024);
        Task writing = Peer.Writes(rig.From.Far, socket => { socket.SendAll(sent); socket.Shutdown(SocketShutdown.Send); });
        Task<byte[]> reading = Peer.ReadsToEnd(rig.To.Far);
        Assert.Equal(PumpStatus.Done, rig.Run());
        await writing;
        Assert.Equal(Pattern.Hash(sent), Pattern.Hash(await reading));
        Assert.True(rig.Direction.Worth > PipeSize.Small, $"16 MiB came by, and it is {rig.Direction.Worth}");
        Assert.Equal(1, rig.Pipes.Open);
        Assert.True(rig.Pipes.TryBorrow(PipeSize.Small)!.CapacityBytes >= PipePool.MediumBytes);
    }

    [Fact]
    public async Task A_flow_that_has_become_thin_is_copied_again()
    {
        using PumpRig rig = PumpRig.Open();
        byte[] bulk = Pattern.Of(1024 * 1024);
        Task writing = Peer.Writes(rig.From.Far, socket => socket.SendAll(bulk));
        Task<byte[]> reading = Peer.Start(() => rig.To.Far.ReadExactly(bulk.Length));
        rig.RunUntilDelivered(bulk.Length);
        await writing;
        Assert.Equal(Pattern.Hash(bulk), Pattern.Hash(await reading));
        Assert.True(rig.Direction.IsBulk);
        for (int i = 1; i <= 10; i++)
        {
            rig.From.Far.SendAll([(byte)i]);
            rig.RunUntilDelivered(bulk.Length + i);
            Assert.Equal([(byte)i], rig.To.Far.ReadExactly(1));
        }
        Assert.False(rig.Direction.IsBulk);
    }
}
