using FastSni.Telemetry;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>
/// Looks at every open session of a worker, some slots a loop turn: a hundred thousand of them must not keep the others waiting. Who comes meanwhile may
/// be missed.
/// </summary>
internal abstract record SessionSweep : WorkerCommand
{
    /// <summary>Ending so many takes some milliseconds.</summary>
    internal const int SlotsPerTurn = 256;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _nextSlot;

    /// <summary>All were looked at, or the worker has stopped.</summary>
    internal Task Done => _done.Task;

    /// <summary>There is nothing more to look for.</summary>
    protected virtual bool IsOver => false;

    protected abstract void Visit(Session session, Instant now);

    internal sealed override void Run(Worker worker, Instant now)
    {
        foreach (Session session in worker.Sessions.Open(_nextSlot, SlotsPerTurn))
            Visit(session, now);
        _nextSlot += SlotsPerTurn;
        if (_nextSlot < worker.Sessions.Slots && !IsOver)
            worker.Post(this);
        else
            _done.SetResult();
    }

    internal sealed override void Abandon() => _done.SetResult();

    /// <summary>Describes the oldest.</summary>
    internal sealed record Show(OldestSessions Oldest) : SessionSweep
    {
        protected override void Visit(Session session, Instant now)
        {
            if (Oldest.Wants(session.Times.Accepted.Micros, session.Id))
                Oldest.Add(SessionViews.ViewOf(session, now));
        }
    }

    /// <summary>Ends one session.</summary>
    internal sealed record EndOne(long Id, CloseReason Reason) : SessionSweep
    {
        internal bool HasEnded { get; private set; }

        protected override bool IsOver => HasEnded;

        protected override void Visit(Session session, Instant now)
        {
            if (session.Id != Id)
                return;
            session.End(Reason, now);
            HasEnded = true;
        }
    }

    /// <summary>Ends the sessions of some clients.</summary>
    internal sealed record EndClients(Func<IpEndpoint, bool> IsWanted, CloseReason Reason) : SessionSweep
    {
        internal int Ended { get; private set; }

        protected override void Visit(Session session, Instant now)
        {
            if (!IsWanted(session.Origin.Client))
                return;
            session.End(Reason, now);
            Ended++;
        }
    }
}
