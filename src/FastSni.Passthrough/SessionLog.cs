using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>Fills the access log's records. Nothing is formatted here; a full ring drops the record and counts it.</summary>
internal static class SessionLog
{
    private const string NoRoute = "-", Rejected = "reject";

    /// <param name="handedTo">The section that got the client; null for all other ends.</param>
    internal static void Write(Session session, CloseReason reason, Instant now, string? handedTo = null)
    {
        if (!IsWritten(session.Worker, session.Settings, reason, now) || !session.Worker.Records.TryReserve(out Span<SessionRecord> slot))
            return;
        ref SessionRecord record = ref slot[0];
        Fill(ref record, session.Origin, reason);
        ref Destination destination = ref session.Destination;
        record.Route = destination.Route?.Label ?? handedTo ?? (IsRefusal(reason) ? Rejected : NoRoute);
        record.Backend = destination.Address(session.LocalPort);
        record.BackendPath = destination.Server is { IsUnix: true } server ? server.Config.Text : null;
        record.UpBytes = session.ToBackend.DeliveredBytes;
        record.DownBytes = session.ToClient.DeliveredBytes;
        record.ConnectMicros = (session.Flags & SessionFlags.Connected) != 0 ? session.Times.ConnectMicros : -1;
        record.DurationMicros = now.Micros - session.Times.Accepted.Micros;
        record.SetText(session.Hello.Name, session.Hello.AlpnList);
        session.Worker.Records.Publish();
    }

    /// <summary>A client that never became a session.</summary>
    internal static void WriteRefused(Worker worker, Origin origin, CloseReason reason, Instant now)
    {
        if (!IsWritten(worker, origin.Listener.Settings, reason, now) || !worker.Records.TryReserve(out Span<SessionRecord> slot))
            return;
        ref SessionRecord record = ref slot[0];
        Fill(ref record, origin, reason);
        record.Route = Rejected;
        record.Backend = default;
        record.BackendPath = null;
        (record.UpBytes, record.DownBytes, record.ConnectMicros, record.DurationMicros) = (0, 0, -1, 0);
        record.SetText([], []);
        worker.Records.Publish();
    }

    // A client that comes too much is worth a line each, for fail2ban; at a limit of all clients a line a second is enough, the rest is counted.
    private static bool IsWritten(Worker worker, WorkerSettings settings, CloseReason reason, Instant now) =>
        settings.LogsSessions && (reason != CloseReason.ConnectionLimit || worker.LimitLines.MayPass(now));

    private static void Fill(ref SessionRecord record, Origin origin, CloseReason reason)
    {
        record.EndedUtcTicks = TimeProvider.System.GetUtcNow().Ticks;
        record.Listener = origin.Listener.Name;
        record.Client = origin.Client;
        record.End = reason;
    }

    private static bool IsRefusal(CloseReason reason) => reason is CloseReason.UnknownName or CloseReason.NoName or CloseReason.NotTls
        or CloseReason.HelloMalformed or CloseReason.HelloTooLarge or CloseReason.ProxyHeader;
}
