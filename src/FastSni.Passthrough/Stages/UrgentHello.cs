using FastSni.Linux;
using FastSni.Telemetry;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>
/// A client that sends an urgent byte inside its hello: peeking stops at the mark for ever, so here, and only here, the hello is taken off the queue.
/// The taken bytes are the first held bytes of the direction to the backend.
/// </summary>
internal static class UrgentHello
{
    internal static Phase Run(Session session, Instant now)
    {
        // It counted from the start of the connection, and bytes are taken from now on.
        session.RestoreLowWater();
        ref Direction direction = ref session.ToBackend;
        int bytesMax = session.Settings.HelloBytesMax;
        byte[] taken = direction.Buffer ?? GC.AllocateUninitializedArray<byte>(bytesMax);
        direction.Borrow(taken);
        while (direction.HeldBytes < taken.Length)
        {
            IoResult read = StreamSocket.Receive(session.Client.Fd, taken.AsSpan(direction.HeldBytes));
            if (read.WouldBlock)
                return HelloStage.Wait(session, 1, now);
            if (read.Bytes == 0)
                return read.IsOk
                    ? CloseStage.Refuse(session, CloseReason.HelloMalformed, TlsAlert.DecodeError, now)
                    : CloseStage.Finish(session, CloseReason.ClientReset, now);
            direction.HeldBytes += read.Bytes;
            if (direction.HeldBytes < session.NeedBytes)
                continue;
            // The parser may rewrite what it reads; what is held must reach the backend as it came.
            Span<byte> copy = session.Worker.HelloBuffer.AsSpan(0, direction.HeldBytes);
            taken.AsSpan(0, direction.HeldBytes).CopyTo(copy);
            HelloStatus status = ClientHello.Read(copy, bytesMax, out ClientHello hello, out int needBytes);
            session.NeedBytes = needBytes;
            // Whoever is next looks for held bytes at the end.
            if (status != HelloStatus.Incomplete)
                taken.AsSpan(0, direction.HeldBytes).CopyTo(direction.Buffered.Span);
            if (HelloStage.Decide(session, status, hello, default, now) is { } next)
                return next;
        }
        return CloseStage.Refuse(session, CloseReason.HelloTooLarge, TlsAlert.DecodeError, now);
    }
}
