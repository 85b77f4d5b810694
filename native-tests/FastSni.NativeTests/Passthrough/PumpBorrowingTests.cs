using System.Net.Sockets;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using FastSni.Passthrough;
using Xunit;

namespace FastSni.NativeTests.Passthrough;

/// <summary>What a flow borrows comes back, and nothing of one client is left in it.</summary>
public class PumpBorrowingTests
{
    private const int BulkBytes = 4 * 1024 * 1024;

    private static readonly byte[] MoreThanFits = Pattern.Of(16 * 1024 * 1024);

    [Fact]
    public async Task A_pipe_that_has_emptied_is_used_again()
    {
        using PumpRig rig = PumpRig.Open();
        byte[] sent = Pattern.Of(BulkBytes);
        Task writing = Peer.Writes(rig.From.Far, socket => { socket.SendAll(sent); socket.Shutdown(SocketShutdown.Send); });
        Task<byte[]> reading = Peer.ReadsToEnd(rig.To.Far);
        Assert.Equal(PumpStatus.Done, rig.Run());
        await writing;
        Assert.Equal(Pattern.Hash(sent), Pattern.Hash(await reading));
        Assert.Equal(1, rig.Pipes.Open);
        Pipe? idle = rig.Pipes.TryBorrow(PipeSize.Small);
        Assert.NotNull(idle);
        Assert.Equal(1, rig.Pipes.Open);
        rig.Pipes.Return(idle, isEmpty: true);
    }

    [Fact]
    public async Task A_pipe_that_still_holds_bytes_is_destroyed()
    {
        (PumpRig rig, Task writing) = OpenWithFullPipe();
        using (rig)
        {
            rig.To.Far.Reset();
            Assert.Equal(PumpStatus.TargetFailed, rig.Run());
            Assert.True(rig.Target.HasFailed);
            rig.Pump.Release(ref rig.Direction);
            Assert.Equal((0, 0), (rig.Pipes.Open, rig.Direction.HeldBytes));
            rig.From.Far.Close();
            await writing;
        }
    }

    [Fact]
    public async Task After_a_dirty_end_the_next_client_gets_no_foreign_byte()
    {
        (PumpRig dirty, Task writing) = OpenWithFullPipe();
        using PumpRig used = dirty;
        dirty.To.Far.Reset();
        dirty.Run();
        dirty.Pump.Release(ref dirty.Direction);
        dirty.From.Far.Close();
        await writing;

        using SocketPair from = SocketPair.Open(), to = SocketPair.Open();
        byte[] sent = Pattern.Of(20_000, seed: 2);
        from.Far.SendAll(sent);
        Loopback.WaitFor(from.Near, EpollEvents.In);
        var (source, target) = (new Side { Fd = from.Near, IsReadable = true }, new Side { Fd = to.Near, IsWritable = true });
        Direction direction = new() { Worth = PipeSize.Small };
        while (direction.DeliveredBytes < sent.Length)
        {
            source.IsReadable = true;
            Assert.NotEqual(PumpStatus.TargetFailed, dirty.Pump.Run(ref direction, ref source, ref target));
        }
        Assert.Equal(sent, to.Far.ReadExactly(sent.Length));
        Assert.Equal(0, to.Far.Available);
    }

    [Fact]
    public async Task A_buffer_that_held_what_a_copy_could_not_deliver_comes_back()
    {
        using PumpRig rig = PumpRig.Open(readerReceiveBytes: 4096);
        byte[] sent = MoreThanFits;
        // Pieces smaller than the copy buffer, each taken before the next is sent, keep the flow a copied one until its target is full.
        int written = 0;
        while (rig.Direction.HeldBytes == 0 && written < sent.Length)
        {
            rig.From.Far.SendAll(sent.AsSpan(written, 20_000));
            written += 20_000;
            rig.RunUntil(() => rig.Direction.DeliveredBytes == written || rig.Direction.HeldBytes > 0);
        }
        byte[]? held = rig.Direction.Buffer;
        Assert.NotNull(held);
        Assert.Equal((Pump.CopyBytesMax, 0), (held.Length, rig.Pipes.Open));
        rig.From.Far.Shutdown(SocketShutdown.Send);
        Task<byte[]> reading = Peer.ReadsToEnd(rig.To.Far);
        Assert.Equal(PumpStatus.Done, rig.Run());
        Assert.Equal(Pattern.Hash(sent.AsSpan(0, written)), Pattern.Hash(await reading));
        Assert.Null(rig.Direction.Buffer);
        Assert.Same(held, rig.Buffers.Borrow());
    }

    /// <summary>
    /// Its target takes nothing more, and what is held is in a pipe. (If just nothing was to be spliced when the target became full, it is in a
    /// buffer.)
    /// </summary>
    private static (PumpRig Rig, Task Writing) OpenWithFullPipe()
    {
        for (int tries = 0; tries < 20; tries++)
        {
            PumpRig rig = PumpRig.Open(readerReceiveBytes: 4096);
            rig.Direction.Worth = PipeSize.Small;
            Task writing = WritesUntilReset(rig);
            rig.RunUntil(() => rig.Direction.HeldBytes > 0 && !rig.Target.IsWritable);
            if (rig.Direction.Pipe is not null)
                return (rig, writing);
            rig.Dispose();
        }
        throw new InvalidOperationException("Splicing never was what filled the target.");
    }

    private static Task WritesUntilReset(PumpRig rig) => Peer.Writes(rig.From.Far, socket =>
    {
        try
        {
            socket.SendAll(MoreThanFits);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The test closes the connection under the writer.
        }
    });
}
