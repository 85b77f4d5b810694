using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>The oldest of all sessions that it is shown: of a hundred thousand only those are described that may be among them.</summary>
/// <param name="sessionsMax">How many.</param>
internal sealed class OldestSessions(int sessionsMax)
{
    private static readonly Comparer<(long AcceptedMicros, long Id)> YoungestFirst =
        Comparer<(long AcceptedMicros, long Id)>.Create((left, right) => right.CompareTo(left));

    private readonly PriorityQueue<SessionView, (long AcceptedMicros, long Id)> _sessions = new(YoungestFirst);

    /// <summary>In no order.</summary>
    internal IEnumerable<SessionView> All => _sessions.UnorderedItems.Select(item => item.Element);

    /// <summary>There is room for it, or it is older than the youngest.</summary>
    internal bool Wants(long acceptedMicros, long id) => _sessions.Count < sessionsMax
        || (_sessions.TryPeek(out _, out (long, long) youngest) && (acceptedMicros, id).CompareTo(youngest) < 0);

    /// <param name="session">One that is wanted.</param>
    internal void Add(SessionView session)
    {
        if (_sessions.Count < sessionsMax)
            _sessions.Enqueue(session, (session.AcceptedMicros, session.Id));
        else
            _sessions.DequeueEnqueue(session, (session.AcceptedMicros, session.Id));
    }
}
