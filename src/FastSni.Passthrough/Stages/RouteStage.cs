using FastSni.Telemetry;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>Chooses where a client goes, and starts connecting there. The server name is only ever looked up in the table; it is never dialled.</summary>
internal static class RouteStage
{
    internal static Phase ByName(Session session, in ClientHello hello, ReadOnlySpan<byte> wire, Instant now)
    {
        ListenerPlan listener = session.Origin.Listener;
        session.Hello.Set(hello.ServerName, hello.AlpnList, session.Worker.Texts);
        // A hello in several records was put together in place: what it looked like on the wire must be peeked again.
        bool isRewritten = hello.IsJoined;
        return hello.ServerName.IsEmpty
            ? Go(session, listener.NoName, CloseReason.NoName, TlsAlert.UnrecognizedName, isRewritten ? default : wire, now)
            : Go(session, listener.Find(hello.ServerName), CloseReason.UnknownName, TlsAlert.UnrecognizedName, isRewritten ? default : wire, now);
    }

    internal static Phase NotTls(Session session, ReadOnlySpan<byte> wire, Instant now) =>
        Go(session, session.Origin.Listener.NotTls, CloseReason.NotTls, default, wire, now);

    /// <summary>A tcp listener: everybody goes to the same place.</summary>
    internal static Phase Forward(Session session, Route route, Instant now) => Connect(session, route, default, now);

    private static Phase Go(Session session, Exit exit, CloseReason refusal, ReadOnlySpan<byte> alert, ReadOnlySpan<byte> wire, Instant now)
    {
        PendingHellos.Leave(session);
        if (exit.IsHandoff)
            return HandoffStage.Run(session, exit.Section, now);
        return exit.Route is { } route ? Connect(session, route, wire, now) : CloseStage.Refuse(session, refusal, alert, now);
    }

    private static Phase Connect(Session session, Route route, ReadOnlySpan<byte> wire, Instant now)
    {
        session.Destination.Route = route;
        session.Times.PhaseStarted = now;
        Phase next = ConnectStage.TryNextServer(session, CloseReason.NoBackend, now);
        // On a LAN the connection often stands as soon as connect returns: the hello that lies on this stack can go at once.
        return next == Phase.Connecting && !wire.IsEmpty ? GreetStage.Send(session, wire, now) : next;
    }
}
