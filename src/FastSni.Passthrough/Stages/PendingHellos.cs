using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>The limits on clients that are accepted and have not sent a whole hello.</summary>
internal static class PendingHellos
{
    /// <summary>Counts the session, or says which limit it met.</summary>
    internal static CloseReason? TryEnter(Session session, Instant now)
    {
        GatewayState gateway = session.Worker.Gateway;
        if (!gateway.TryEnterPending(session.Settings.PendingHellosMax))
        {
            if (session.Worker.Trouble.MayPass(now))
                Log.PendingLimit(session.Worker.Logger, session.Settings.PendingHellosMax);
            return CloseReason.ConnectionLimit;
        }
        if (IsCounted(session) && !gateway.Clients.TryEnterPending(session.Origin.Client, session.Settings.PendingHellosPerClientMax))
        {
            gateway.LeavePending();
            Admission.Tell(session.Worker, session.Origin.Client, now);
            return CloseReason.ClientLimit;
        }
        session.Flags |= SessionFlags.PendingHello;
        return null;
    }

    internal static void Leave(Session session)
    {
        if ((session.Flags & SessionFlags.PendingHello) == 0)
            return;
        session.Flags &= ~SessionFlags.PendingHello;
        session.Worker.Gateway.LeavePending();
        if (IsCounted(session))
            session.Worker.Gateway.Clients.LeavePending(session.Origin.Client);
    }

    private static bool IsCounted(Session session) => (session.Flags & SessionFlags.CountedByClient) != 0;
}
