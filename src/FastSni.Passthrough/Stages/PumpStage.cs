using FastSni.Linux;
using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>Keeps both directions going until both have ended, one side fails, or nothing has moved for too long.</summary>
internal static class PumpStage
{
    internal static Phase Run(Session session, Instant now)
    {
        ref Direction up = ref session.ToBackend;
        ref Direction down = ref session.ToClient;
        long before = up.DeliveredBytes + down.DeliveredBytes;
        Pump pump = session.Worker.Pump;
        PumpStatus upStatus = pump.Run(ref up, source: ref session.Client, target: ref session.Backend);
        PumpStatus downStatus = pump.Run(ref down, source: ref session.Backend, target: ref session.Client);
        if (upStatus == PumpStatus.Broken || downStatus == PumpStatus.Broken)
            return Cut(session, now);
        if (session.Client.HasFailed || session.Backend.HasFailed)
            return ResetStage.Begin(session, now);
        if (up.IsDone && down.IsDone)
            return CloseStage.Finish(session, CloseReason.Complete, now);
        bool ended = ForwardEnd(ref up, session.Backend) | ForwardEnd(ref down, session.Client);
        if (upStatus == PumpStatus.OutOfBudget || downStatus == PumpStatus.OutOfBudget)
            session.Worker.RevisitLater(session);
        bool isHalfClosed = up.EndForwarded || down.EndForwarded;
        bool hasMoved = ended || up.DeliveredBytes + down.DeliveredBytes != before;
        if (hasMoved)
            session.QueuedAtDeadline = 0;
        if (hasMoved || session.Times.Deadline <= now && IsStillArriving(session))
            session.Expect(now + (isHalfClosed ? session.Settings.HalfCloseTimeout : session.Settings.IdleTimeout));
        else if (session.Times.Deadline <= now)
            return CloseStage.Finish(session, isHalfClosed ? CloseReason.ClientSilent : CloseReason.Idle, now);
        return Phase.Pumping;
    }

    /// <summary>Probes a backend that a long session keeps silent; the client's socket inherited the probes from its listener.</summary>
    internal static void KeepAlive(Session session)
    {
        if (!session.IsPumping || (session.Flags & SessionFlags.KeepsAlive) != 0)
            return;
        session.Flags |= SessionFlags.KeepsAlive;
        StreamSocket.KeepAlive(session.Backend.Fd);
    }

    /// <summary>Ends a session whose bytes can't be moved on: both sides are reset.</summary>
    internal static Phase Cut(Session session, Instant now)
    {
        if (session.Worker.Trouble.MayPass(now))
            Log.PumpFault(session.Worker.Logger, session.Origin.Client.ToString(), session.Worker.Pump.Fault);
        return CloseStage.Finish(session, CloseReason.Error, now);
    }

    // A slow reader empties our send queue without an event for a long time: what it acknowledges is movement too.
    private static bool IsStillArriving(Session session)
    {
        int queued = StreamSocket.UnacknowledgedBytes(session.Client.Fd) + StreamSocket.UnacknowledgedBytes(session.Backend.Fd);
        bool moved = queued != session.QueuedAtDeadline;
        session.QueuedAtDeadline = queued;
        return queued > 0 && moved;
    }

    // FIN goes out only behind the last held byte.
    private static bool ForwardEnd(ref Direction direction, in Side target)
    {
        if (!direction.IsDone || direction.EndForwarded)
            return false;
        StreamSocket.ShutdownWrite(target.Fd);
        return direction.EndForwarded = true;
    }
}
