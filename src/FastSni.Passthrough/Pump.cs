using FastSni.Linux;

namespace FastSni.Passthrough;

internal enum PumpStatus : byte
{
    /// <summary>The kernel will tell when there is more to do.</summary>
    Waiting,
    /// <summary>There is more to do, but others want their turn.</summary>
    OutOfBudget,
    /// <summary>The source has ended and everything it sent is with the target.</summary>
    Done,
    /// <summary>The target takes nothing more: it has failed.</summary>
    TargetFailed,
    /// <summary>The kernel could not move what is held, for no fault of source or target: there is no going on.</summary>
    Broken,
}

/// <summary>
/// Moves bytes one way. Small flows are copied through one shared buffer (two calls a message); a read that fills it makes the flow bulky, and bulk is
/// spliced through a borrowed pipe. Splice never decides anything: whatever it does not move is asked of recv, which alone tells an empty queue from
/// an end or an urgent byte. A flow that fills its pipe again and again in one visit is worth a larger one.
/// </summary>
internal sealed class Pump(PipePool pipes, BufferPool buffers)
{
    /// <summary>The most one copy reads at a time, and so the most a direction holds in a buffer.</summary>
    internal const int CopyBytesMax = 32 * 1024;

    /// <summary>Once a visit has moved this much in a direction, others get their turn; the last move may go beyond.</summary>
    internal const int VisitBytesMax = 1024 * 1024;

    /// <summary>A visit that moved less is thin; this many in a row end the splicing. Leaving early costs more than staying.</summary>
    private const int ThinVisitBytes = 16 * 1024, ThinVisitsMax = 8;

    /// <summary>
    /// A visit that fills its pipe a second time had more to move than the pipe holds. Fills are counted and not bytes, since a pipe is full when its slots are.
    /// </summary>
    private const int FillsToGrow = 2;

    /// <summary>A splice to a target that poll(2) calls writable failed for a passing reason; it is tried again this often.</summary>
    private const int DrainTriesMax = 3;

    /// <summary>Why the last flow was <see cref="PumpStatus.Broken"/>.</summary>
    internal Errno Fault { get; private set; }

    private readonly byte[] _copyBuffer = GC.AllocateUninitializedArray<byte>(CopyBytesMax, pinned: true);

    private int _fills;     // In this visit, of pipes of one size.

    internal PumpStatus Run(ref Direction direction, ref Side source, ref Side target)
    {
        _fills = 0;
        long before = direction.DeliveredBytes;
        PumpStatus status;
        do
            status = Step(ref direction, ref source, ref target);
        while (status == PumpStatus.OutOfBudget && direction.DeliveredBytes - before < VisitBytesMax);
        Settle(ref direction, direction.DeliveredBytes - before);
        return status;
    }

    /// <summary>Drops what is held and gives back what was borrowed.</summary>
    internal void Release(ref Direction direction)
    {
        if (direction.Pipe is { } pipe)
            pipes.Return(pipe, isEmpty: direction.HeldBytes == 0);
        if (direction.Buffer is { } buffer)
            buffers.Return(buffer);
        direction.GiveBack();
        direction.HeldBytes = 0;
    }

    // One read or one write. OutOfBudget means: go on if the budget allows.
    private PumpStatus Step(ref Direction direction, ref Side source, ref Side target)
    {
        if (direction.HeldBytes > 0)
            return Deliver(ref direction, ref target);
        if (direction.SourceEnded)
            return PumpStatus.Done;
        if (!source.IsReadable || !target.IsWritable)
            return PumpStatus.Waiting;
        return direction.IsBulk && !source.IsUrgent && TryFillPipe(ref direction, ref source)
            ? PumpStatus.OutOfBudget
            : Copy(ref direction, ref source, ref target);
    }

    private PumpStatus Deliver(ref Direction direction, ref Side target)
    {
        if (!target.IsWritable)
            return PumpStatus.Waiting;
        IoResult sent = direction.Pipe is { } pipe
            ? Drain(pipe, target.Fd, direction.HeldBytes)
            : StreamSocket.Send(target.Fd, direction.Buffered.Span);
        if (!sent.IsOk && !sent.WouldBlock)
            return Fail(ref target, sent);
        direction.HeldBytes -= sent.Bytes;
        direction.DeliveredBytes += sent.Bytes;
        if (direction.HeldBytes == 0)
            Release(ref direction);
        target.IsWritable = sent.Bytes > 0;
        return sent.WouldBlock ? PumpStatus.Waiting : PumpStatus.OutOfBudget;
    }

    private static IoResult Drain(Pipe pipe, Fd target, int bytes)
    {
        for (int tries = 1; ; tries++)
        {
            IoResult sent = pipe.DrainTo(target, bytes);
            bool isPassing = sent.WouldBlock || sent.Error == Errno.NoMemory;
            if (!isPassing)
                return sent;
            if (!StreamSocket.IsWritable(target))
                return IoResult.Full;
            if (tries == DrainTriesMax)
                return sent.WouldBlock ? IoResult.Full : sent;
        }
    }

    private bool TryFillPipe(ref Direction direction, ref Side source)
    {
        if ((direction.Pipe ?? pipes.TryBorrow(direction.Worth)) is not { } pipe)
            return false;
        direction.Borrow(pipe);
        IoResult taken = pipe.FillFrom(source.Fd, pipe.CapacityBytes);
        // A socket tells its error once: recv, asked next, will only say that there is no more.
        source.HasFailed |= taken.IsPeerGone;
        direction.HeldBytes = taken.Bytes;
        if (taken.Bytes > 0 && ++_fills == FillsToGrow && direction.Worth < PipeSize.Large)
            (direction.Worth, _fills) = (direction.Worth + 1, 0);
        return taken.Bytes > 0;
    }

    private PumpStatus Copy(ref Direction direction, ref Side source, ref Side target)
    {
        IoResult read = StreamSocket.Receive(source.Fd, _copyBuffer);
        if (read.WouldBlock)
        {
            source.IsReadable = false;
            return PumpStatus.Waiting;
        }
        if (read.Bytes == 0)
        {
            direction.SourceEnded = true;
            source.IsReadable = false;
            source.HasFailed |= !read.IsOk;
            return PumpStatus.Done;
        }
        bool isFull = read.Bytes == _copyBuffer.Length;
        if (isFull)
            (direction.Worth, direction.ThinVisits) = (direction.IsBulk ? direction.Worth : PipeSize.Small, 0);
        else if (source.ShortReadIsEmpty)
            source.IsReadable = false;
        else if (source.ShortReadIsEnd)
            (direction.SourceEnded, source.IsReadable) = (true, false);     // Not asked for: a call saved, and FIN goes out in the last packet.
        return Forward(ref direction, ref target, _copyBuffer.AsSpan(0, read.Bytes));
    }

    private PumpStatus Forward(ref Direction direction, ref Side target, ReadOnlySpan<byte> bytes)
    {
        IoResult sent = StreamSocket.Send(target.Fd, bytes, isLast: direction.SourceEnded);
        if (!sent.IsOk && !sent.WouldBlock)
            return Fail(ref target, sent);
        direction.DeliveredBytes += sent.Bytes;
        if (sent.Bytes < bytes.Length)
            Hold(ref direction, ref target, bytes[sent.Bytes..]);
        return PumpStatus.OutOfBudget;
    }

    private void Hold(ref Direction direction, ref Side target, ReadOnlySpan<byte> rest)
    {
        // A pipe borrowed for this flow is empty here; what is held is in one place only.
        if (direction.Pipe is { } pipe)
            pipes.Return(pipe, isEmpty: true);
        byte[] buffer = buffers.Borrow();
        direction.Borrow(buffer);
        direction.HeldBytes = rest.Length;
        rest.CopyTo(direction.Buffered.Span);
        target.IsWritable = false;
    }

    // Only what the peer or the network did is told to the other side behind the bytes on their way; ours would have them wait for an end that does not come.
    private PumpStatus Fail(ref Side target, IoResult sent)
    {
        if (!sent.IsPeerGone)
        {
            Fault = sent.Error;
            return PumpStatus.Broken;
        }
        target.Fail();
        return PumpStatus.TargetFailed;
    }

    // The end of a visit: what holds nothing is given back, and a flow that stayed thin is copied again.
    private void Settle(ref Direction direction, long moved)
    {
        if (direction.HeldBytes == 0)
            Release(ref direction);
        if (!direction.IsBulk || moved == 0)
            return;
        direction.ThinVisits = moved < ThinVisitBytes ? (byte)(direction.ThinVisits + 1) : (byte)0;
        if (direction.ThinVisits == ThinVisitsMax)
            (direction.Worth, direction.ThinVisits) = (PipeSize.None, 0);
    }
}
