using FastSni.Config;
using FastSni.Handoff;
using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>The side door: the socket goes, untouched, to the rooms that speak HTTP, with what the hello said. It never comes back.</summary>
internal static class HandoffStage
{
    /// <param name="section">Whose client it is; null = the default site, or an http listener's.</param>
    internal static Phase Run(Session session, OffloadSection? section, Instant now)
    {
        session.RestoreLowWater();
        // An event for a descriptor that is somebody else's by now would be misread.
        if (session.Client.IsRegistered)
            session.Worker.Unwatch(session.Client.Fd);
        IHandoffRooms rooms = session.Worker.Gateway.Rooms;
        HandedOffClient client = Describe(session, section);
        // Before the rooms have it: they may be done with it before the next line.
        session.Worker.Gateway.Leases.Add(client);
        if (rooms.TryTake(client))
            return CloseStage.HandOff(session, section?.Label, now);
        session.Worker.Gateway.Leases.Remove(client.Id);
        session.Client.IsRegistered = false;
        return CloseStage.Refuse(session, rooms.IsClosed ? CloseReason.Drained : CloseReason.HandoffFull, default, now);
    }

    private static HandedOffClient Describe(Session session, OffloadSection? section)
    {
        ref Direction up = ref session.ToBackend;
        return new HandedOffClient
        {
            Id = session.Id,
            Descriptor = session.Client.Fd.Number,
            Listener = session.Origin.Listener.Config,
            Section = section,
            Tls = section?.Tls ?? session.Origin.Listener.DefaultTls,
            ServerName = session.Hello.Name.ToArray(),
            AlpnList = session.Hello.AlpnList.ToArray(),
            // An urgent hello is off the queue already.
            Taken = up.HeldBytes > 0 ? up.Buffered : default,
            Client = session.Origin.Client,
            Local = session.LocalEndpoint(),
            AcceptedMicros = session.Times.Accepted.Micros,
            Lease = new SessionLease(session),
        };
    }

    /// <summary>Keeps the session's counts after its slot is free.</summary>
    private sealed class SessionLease(Session session) : Lease
    {
        private readonly Worker _worker = session.Worker;
        private readonly long _id = session.Id;
        private readonly Wire.IpEndpoint _client = session.Origin.Client;
        private readonly WorkerSettings _settings = session.Settings;
        private readonly bool _isCounted = (session.Flags & SessionFlags.CountedByClient) != 0;

        protected override void GiveBack(CloseReason requested)
        {
            GatewayState gateway = _worker.Gateway;
            if (_isCounted)
                gateway.Clients.Leave(_client, _settings.NewSessionsPerClientMax > 0);
            HandedOffClient? client = gateway.Leases.Remove(_id);
            if (requested != CloseReason.None && client is not null)
            {
                gateway.CountEnd(requested);
                _worker.Post(new WorkerCommand.LogHandedOff(client, _settings, requested));
            }
            // Last: a drain is over, and the workers may be, once nobody is inside.
            gateway.Leave();
        }
    }
}
