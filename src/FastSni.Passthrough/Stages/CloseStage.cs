using FastSni.Linux;
using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>Every session ends here, with one reason, one count and one line in the log.</summary>
internal static class CloseStage
{
    /// <summary>
    /// Refuses a client in order: its unread bytes are discarded first, since close(2) with unread bytes sends a reset, which would overtake the alert.
    /// </summary>
    /// <param name="alert">A whole TLS record, or empty to end without a byte.</param>
    internal static Phase Refuse(Session session, CloseReason reason, ReadOnlySpan<byte> alert, Instant now)
    {
        session.Reason = reason;
        session.Backend.Close();
        session.Worker.Pump.Release(ref session.ToBackend);
        session.RestoreLowWater();
        session.DiscardedBytes = 0;
        bool hasEnded = LingerStage.Discard(session);
        if (session.Client.HasFailed)
            return Finish(session, reason, now);
        if (!alert.IsEmpty)
            StreamSocket.Send(session.Client.Fd, alert);
        return hasEnded ? Finish(session, reason, now) : LingerStage.Begin(session, now);
    }

    /// <summary>Closes both sockets, gives back what was borrowed, writes the log line and frees the slot.</summary>
    internal static Phase Finish(Session session, CloseReason reason, Instant now)
    {
        Worker worker = session.Worker;
        worker.Counters.CountEnd(reason);
        SessionLog.Write(session, reason, now);
        PendingHellos.Leave(session);
        bool isCut = (session.Flags & SessionFlags.Connected) != 0 && IsFromOutside(reason);
        Close(session, ref session.Client, ref session.ToClient, isCut);
        Close(session, ref session.Backend, ref session.ToBackend, isCut);
        session.Destination.Server?.Leave();
        if ((session.Flags & SessionFlags.CountedByClient) != 0)
            worker.Gateway.Clients.Leave(session.Origin.Client, session.Settings.NewSessionsPerClientMax > 0);
        worker.Gateway.Leave();
        return Free(session);
    }

    /// <summary>Frees the slot of a session whose socket is another room's now. Its counts stay with the lease.</summary>
    /// <param name="section">Whose client it is.</param>
    internal static Phase HandOff(Session session, string? section, Instant now)
    {
        session.Worker.Counters.CountEnd(CloseReason.HandedOff);
        if (session.Settings.LogsHandoffs)
            SessionLog.Write(session, CloseReason.HandedOff, now, section);
        // Bytes taken with an urgent hello went along with the client, and so did the array they lie in.
        session.ToBackend = default;
        return Free(session);
    }

    private static Phase Free(Session session)
    {
        session.Hello.Release(session.Worker.Texts);
        session.Worker.Release(session);
        return Phase.Closed;
    }

    private static bool IsFromOutside(CloseReason reason) =>
        reason is CloseReason.ClosedByOperator or CloseReason.Banned or CloseReason.Drained or CloseReason.Error;

    // A stream that is cut, or of which bytes are still held, must not look like one that ended; one whose end was passed on is whole, though, and a reset
    // would throw away what the peer has not read of it.
    private static void Close(Session session, ref Side side, ref Direction toIt, bool isCut)
    {
        if (toIt.HeldBytes > 0 || (isCut && !toIt.EndForwarded))
            StreamSocket.Abort(side.Fd);
        else
            side.Fd.Close();
        side = default;
        session.Worker.Pump.Release(ref toIt);
    }
}
