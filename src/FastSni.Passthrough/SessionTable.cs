namespace FastSni.Passthrough;

/// <summary>A worker's session slots. It grows to the most sessions ever open at once and is reused from then on without allocating.</summary>
internal sealed class SessionTable(Worker worker)
{
    private readonly SlotChunks<Session> _sessions = new();
    private readonly Stack<Session> _free = new();
    private int _count;

    /// <summary>Slots in use, now or before.</summary>
    internal int Slots => _count;

    internal Session this[int slot] => _sessions[slot];

    internal Session Take()
    {
        if (_free.TryPop(out Session? free))
            return free;
        _sessions.GrowTo(_count);
        worker.Timers.GrowTo(_count);
        Session session = new(worker, _count);
        _sessions[_count++] = session;
        return session;
    }

    internal void Release(Session session) => _free.Push(session);

    /// <summary>The session an event is for, or null if it has ended since.</summary>
    internal Session? Find(Token token)
    {
        if (token.Slot >= _count)
            return null;
        Session session = _sessions[token.Slot];
        return session.IsOpen && session.TokenOf(token.Kind) == token ? session : null;
    }

    /// <summary>The open sessions among some slots; they may be ended meanwhile.</summary>
    internal IEnumerable<Session> Open(int firstSlot, int slots) =>
        Enumerable.Range(firstSlot, Math.Clamp(_count - firstSlot, 0, slots)).Select(slot => _sessions[slot]).Where(session => session.IsOpen);
}
