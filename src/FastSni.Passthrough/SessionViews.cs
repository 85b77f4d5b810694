using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>Sessions as an operator sees them.</summary>
internal static class SessionViews
{
    internal static SessionView ViewOf(Session session, Instant now)
    {
        ref Destination destination = ref session.Destination;
        return new SessionView
        {
            Id = session.Id,
            Listener = session.Origin.Listener.Name,
            Client = session.Origin.Client,
            Name = session.Hello.Name.ToArray(),
            Route = destination.Route?.Label ?? "",
            Backend = destination.Address(),
            BackendPath = destination.Server is { IsUnix: true } server ? server.Config.Text : null,
            Phase = WordOf(session.Phase),
            AcceptedMicros = session.Times.Accepted.Micros,
            AgeMicros = now.Micros - session.Times.Accepted.Micros,
            UpBytes = session.ToBackend.DeliveredBytes,
            DownBytes = session.ToClient.DeliveredBytes,
        };
    }

    private static string WordOf(Phase phase) => phase switch
    {
        Phase.Connecting or Phase.Greeting => "connecting",
        Phase.Pumping => "open",
        Phase.Resetting or Phase.Lingering => "closing",
        _ => "hello",
    };
}
