using FastSni.Handoff;
using FastSni.Telemetry;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>Fills the access log's records. Nothing is formatted here; a full ring drops the record and counts it.</summary>
internal static class SessionLog
{
    private const string NoRoute = "-", Rejected = "reject";

    /// <param name="handedTo">The section that got the client; null for all other ends.</param>
    internal static void Write(Session session, CloseReason reason, Instant now, string? handedTo = null)
    {
        bool isRouted = session.Destination.Route is not null;
        if (!IsWritten(session.Worker, session.Origin, reason, isRouted, now) || !session.Worker.Records.TryReserve(out Span<SessionRecord> slot))
            return;
        ref SessionRecord record = ref slot[0];
        Fill(ref record, session.Origin.Listener.Name, session.Origin.Client, reason);
        ref Destination destination = ref session.Destination;
        record.Route = destination.Route?.Label ?? handedTo ?? (IsRefusal(reason) ? Rejected : NoRoute);
        record.Backend = destination.Address();
        record.BackendPath = destination.Server is { IsUnix: true } server ? server.Config.Text : null;
        record.UpBytes = session.ToBackend.DeliveredBytes;
        record.DownBytes = session.ToClient.DeliveredBytes;
        record.ConnectMicros = (session.Flags & SessionFlags.Connected) != 0 ? session.ConnectMicros : -1;
        record.DurationMicros = now.Micros - session.Times.Accepted.Micros;
        record.SetText(session.Hello.Name, session.Hello.AlpnList);
        session.Worker.Records.Publish();
    }

    /// <summary>A client that never became a session.</summary>
    internal static void WriteRefused(Worker worker, Origin origin, CloseReason reason, Instant now)
    {
        if (!IsWritten(worker, origin, reason, isRouted: false, now) || !worker.Records.TryReserve(out Span<SessionRecord> slot))
            return;
        ref SessionRecord record = ref slot[0];
        Fill(ref record, origin.Listener.Name, origin.Client, reason);
        FillUnserved(ref record, Rejected);
        record.DurationMicros = 0;
        record.SetText([], []);
        worker.Records.Publish();
    }

    /// <summary>A connection that went to another room, and was ended there as was asked for. What it did before is in the lines of its requests.</summary>
    internal static void WriteHandedOff(Worker worker, HandedOffClient client, WorkerSettings settings, CloseReason reason, Instant now)
    {
        if (!settings.LogsSessions || !worker.Records.TryReserve(out Span<SessionRecord> slot))
            return;
        ref SessionRecord record = ref slot[0];
        Fill(ref record, client.Listener.Name, client.Client, reason);
        FillUnserved(ref record, client.Section?.Label ?? NoRoute);
        record.DurationMicros = now.Micros - client.AcceptedMicros;
        record.SetText(client.ServerName, client.AlpnList);
        worker.Records.Publish();
    }

    // A client that comes too much is worth some lines, for fail2ban; at a limit of all clients a line a second is enough, the rest is counted. So it is for
    // banned clients that come again: theirs is the flood that the ban is for.
    private static bool IsWritten(Worker worker, in Origin origin, CloseReason reason, bool isRouted, Instant now) => origin.Listener.Settings.LogsSessions && reason switch
    {
        CloseReason.ClientLimit => worker.Gateway.Clients.MayTell(origin.Client, now),
        CloseReason.ConnectionLimit => worker.LimitLines.MayPass(now),
        CloseReason.Banned => isRouted || worker.BanLines.MayPass(now),
        _ => true,
    };

    private static void FillUnserved(ref SessionRecord record, string route)
    {
        record.Route = route;
        record.Backend = default;
        record.BackendPath = null;
        (record.UpBytes, record.DownBytes, record.ConnectMicros) = (0, 0, -1);
    }

    private static void Fill(ref SessionRecord record, string listener, IpEndpoint client, CloseReason reason)
    {
        record.EndedUtcTicks = TimeProvider.System.GetUtcNow().Ticks;
        record.Listener = listener;
        record.Client = client;
        record.End = reason;
    }

    private static bool IsRefusal(CloseReason reason) => reason is CloseReason.UnknownName or CloseReason.NoName or CloseReason.NotTls
        or CloseReason.HelloMalformed or CloseReason.HelloTooLarge or CloseReason.ProxyHeader;
}
