using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>
/// What a client must pass once its address is known: at accept, or, behind a trusted proxy, when the PROXY header has named it.
/// </summary>
internal static class Admission
{
    /// <summary>Counts the client as one more session of its address, or says why it may not come in.</summary>
    internal static CloseReason? TryEnter(Worker worker, in Origin origin, Instant now)
    {
        WorkerSettings settings = origin.Listener.Settings;
        return !settings.LimitsClients || worker.Gateway.Clients.TryEnter(origin.Client, settings, now) ? null : CloseReason.ClientLimit;
    }

    /// <summary>Notes in a session that it was counted, so that its end is counted too.</summary>
    internal static void Note(Session session)
    {
        if (session.Settings.LimitsClients)
            session.Flags |= SessionFlags.CountedByClient;
    }
}
