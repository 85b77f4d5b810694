using System.Net.Sockets;
using FastSni.NativeTests.Support;
using FastSni.Passthrough;
using Xunit;

namespace FastSni.NativeTests.Passthrough;

/// <summary>One urgent byte (MSG_OOB) stops splice(2) for ever; only recv(2) steps over its mark.</summary>
public class PumpUrgentTests
{
    [Theory]
    [InlineData(0, 820_000, false)]
    [InlineData(0, 820_000, true)]
    [InlineData(300, 20_000, false)]
    [InlineData(300, 20_000, true)]
    [InlineData(800_000, 20_000, false)]
    [InlineData(800_000, 20_000, true)]
    [InlineData(800_000, 0, false)]
    [InlineData(800_000, 0, true)]
    [InlineData(800_000, 2_000_000, true)]
    public async Task An_urgent_byte_does_not_stop_the_flow(int bytesBefore, int bytesAfter, bool isBulk)
    {
        using PumpRig rig = PumpRig.Open();
        rig.Direction.Worth = isBulk ? PipeSize.Small : PipeSize.None;
        byte[] sent = Pattern.Of(bytesBefore + bytesAfter);
        Task writing = Peer.Writes(rig.From.Far, socket =>
        {
            socket.SendAll(sent.AsSpan(0, bytesBefore));
            socket.Send([0xEE], SocketFlags.OutOfBand);
            socket.SendAll(sent.AsSpan(bytesBefore));
            socket.Shutdown(SocketShutdown.Send);
        });
        Task<byte[]> reading = Peer.ReadsToEnd(rig.To.Far);
        Assert.Equal(PumpStatus.Done, rig.Run());
        await writing;
        // The urgent byte itself is not part of the stream, and is not passed on.
        Assert.Equal(Pattern.Hash(sent), Pattern.Hash(await reading));
    }

    /// <summary>The splice has already drained what lay before the mark, and nothing but the mark will ever wake it.</summary>
    [Fact]
    public void Bytes_behind_a_mark_come_without_another_byte_being_sent()
    {
        using PumpRig rig = PumpRig.Open();
        rig.Direction.Worth = PipeSize.Small;
        byte[] sent = Pattern.Of(5_000);
        rig.From.Far.SendAll(sent.AsSpan(0, 3_000));
        rig.From.Far.Send([0xEE], SocketFlags.OutOfBand);
        rig.From.Far.SendAll(sent.AsSpan(3_000));
        rig.RunUntilDelivered(5_000);
        Assert.Equal(sent, rig.To.Far.ReadExactly(5_000));
    }

    [Fact]
    public void Two_marks_in_one_queue_are_both_passed()
    {
        using PumpRig rig = PumpRig.Open();
        byte[] sent = Pattern.Of(3_000);
        for (int start = 0; start < 3_000; start += 1_000)
        {
            rig.From.Far.SendAll(sent.AsSpan(start, 1_000));
            rig.From.Far.Send([0xEE], SocketFlags.OutOfBand);
        }
        rig.From.Far.Shutdown(SocketShutdown.Send);
        Assert.Equal(PumpStatus.Done, rig.Run());
        // A later mark makes the bytes of the earlier ones ordinary (tcp(7)): up to two of them arrive in the stream.
        Assert.InRange(rig.To.Far.ReadToEnd().Length, 3_000, 3_002);
    }
}
