using FastSni.Linux;
using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>
/// One side was reset. The other still gets everything that came before, and then a reset too, so that a cut answer is never taken for a whole one.
/// SO_LINGER 0 throws away what is unsent, so the reset waits until the send queue is acknowledged, or for the half-close timeout.
/// </summary>
internal static class ResetStage
{
    /// <summary>The send queue has no event for "empty": it is asked, at first often and then less so.</summary>
    private const long AskMicrosMin = 1_000, AskMicrosMax = 100_000;

    internal static Phase Begin(Session session, Instant now)
    {
        session.Reason = session.Client.HasFailed ? CloseReason.ClientReset : CloseReason.BackendReset;
        session.Times.PhaseStarted = now;
        session.Expect(now);
        return Phase.Resetting;
    }

    internal static Phase Run(Session session, Instant now)
    {
        if (session.Client.HasFailed && session.Backend.HasFailed)
            return CloseStage.Finish(session, session.Reason, now);
        return session.Client.HasFailed
            ? Run(session, ref session.ToBackend, ref session.ToClient, ref session.Client, ref session.Backend, now)
            : Run(session, ref session.ToClient, ref session.ToBackend, ref session.Backend, ref session.Client, now);
    }

    private static Phase Run(Session session, ref Direction last, ref Direction lost, ref Side failed, ref Side survivor, Instant now)
    {
        Pump pump = session.Worker.Pump;
        pump.Release(ref lost);
        PumpStatus status = pump.Run(ref last, source: ref failed, target: ref survivor);
        if (status == PumpStatus.Broken)
            return PumpStage.Cut(session, now);
        if (survivor.HasFailed || survivor.PeerGone)
            return CloseStage.Finish(session, session.Reason, now);
        bool isOver = session.Times.PhaseStarted + session.Settings.HalfCloseTimeout <= now;
        if (isOver || last.IsDone && StreamSocket.UnacknowledgedBytes(survivor.Fd) == 0)
        {
            StreamSocket.Abort(survivor.Fd);
            survivor.Fd = Fd.None;
            return CloseStage.Finish(session, session.Reason, now);
        }
        if (status == PumpStatus.OutOfBudget)
            session.Worker.RevisitLater(session);
        long age = now.Micros - session.Times.PhaseStarted.Micros;
        session.Expect(new Instant(now.Micros + Math.Clamp(age / 4, AskMicrosMin, AskMicrosMax)));
        return Phase.Resetting;
    }
}
