namespace FastSni.Passthrough;

/// <summary>A worker's session slots. It grows to the most sessions ever open at once and is reused from then on without allocating.</summary>
internal sealed class SessionTable(Worker worker)
{
    private readonly List<Session> _sessions = [];
    private readonly Stack<int> _free = new();

    internal Session this[int slot] => _sessions[slot];

    internal Session Take()
    {
        if (_free.TryPop(out int slot))
            return _sessions[slot];
        Session session = new(worker, _sessions.Count);
        _sessions.Add(session);
        if (session.Slot >= _capacity)
            worker.Timers.Grow(_capacity = Math.Max(64, _capacity * 2));
        return session;
    }

    internal void Release(Session session) => _free.Push(session.Slot);

    /// <summary>The session an event is for, or null if it has ended since.</summary>
    internal Session? Find(Token token)
    {
        if (token.Slot >= _sessions.Count)
            return null;
        Session session = _sessions[token.Slot];
        return session.IsOpen && session.TokenOf(token.Kind) == token ? session : null;
    }

    internal IEnumerable<Session> Open() => _sessions.Where(session => session.IsOpen);

    private int _capacity;
}
