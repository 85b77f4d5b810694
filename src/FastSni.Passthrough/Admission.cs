using FastSni.Telemetry;
using FastSni.Wire;

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
        if (!settings.LimitsClients || worker.Gateway.Clients.TryEnter(origin.Client, settings, now))
            return null;
        Tell(worker, origin.Client, now);
        return CloseReason.ClientLimit;
    }

    /// <summary>A message for a client that is refused over a limit of each client; the rest is counted.</summary>
    internal static void Tell(Worker worker, IpEndpoint client, Instant now)
    {
        if (worker.ClientMessages.MayPass(now))
            Log.ClientLimit(worker.Logger, client.ToString(), worker.Counters.Ended(CloseReason.ClientLimit) + 1);
    }

    /// <summary>Notes in a session that it was counted, so that its end is counted too.</summary>
    internal static void Note(Session session)
    {
        if (session.Settings.LimitsClients)
            session.Flags |= SessionFlags.CountedByClient;
    }
}
