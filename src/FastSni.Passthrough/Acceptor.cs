using System.Collections.Immutable;
using FastSni.Linux;
using FastSni.Telemetry;
using FastSni.Wire;
using Microsoft.Extensions.Logging;

namespace FastSni.Passthrough;

/// <summary>Takes clients from a worker's listening sockets and makes them sessions, within the limits.</summary>
internal sealed class Acceptor(Worker worker, Epoll epoll, SessionTable sessions, ILogger log) : IDisposable
{
    /// <summary>While paused, how often to look whether descriptors are free again.</summary>
    internal const int RetryMilliseconds = 100;

    /// <summary>Clients taken in one visit before sessions get their turn.</summary>
    private const int AcceptsPerVisitMax = 64;

    private ImmutableArray<WorkerListener> _listeners = [];
    private Instant _retryAt;
    private readonly Throttle _limitMessages = new();
    private long _pauses;

    /// <summary>Out of descriptors: the listening sockets are not watched until a session ends or a moment has passed.</summary>
    internal bool IsPaused { get; private set; }

    /// <summary>How often that has happened; for any thread.</summary>
    internal long Pauses => Volatile.Read(ref _pauses);

    internal void Apply(ImmutableArray<WorkerListener> listeners, Instant now)
    {
        foreach (WorkerListener old in _listeners)
        {
            if (listeners.Any(kept => kept.Socket == old.Socket))
                continue;
            TakeQueue(old, now);
            epoll.Remove(old.Socket.Fd);
            old.Socket.Dispose();
        }
        foreach (WorkerListener added in listeners.Where(added => !_listeners.Any(known => known.Socket == added.Socket)))
        {
            if (!epoll.TryAdd(added.Socket.Fd, IsPaused ? EpollEvents.None : EpollEvents.In, TokenOf(added)))
                Log.ListenerBroken(log, added.Socket.Local.ToString());
        }
        _listeners = listeners;
    }

    internal void Accept(int descriptor, Instant now)
    {
        WorkerListener? listener = null;
        foreach (WorkerListener candidate in _listeners)
        {
            if (candidate.Socket.Fd.Number == descriptor)
                listener = candidate;
        }
        AcceptStatus status = AcceptStatus.Accepted;
        for (int i = 0; listener is not null && i < AcceptsPerVisitMax && status is AcceptStatus.Accepted or AcceptStatus.Retry; i++)
            status = AcceptNext(listener, now);
        if (status == AcceptStatus.Pause)
            Pause(now);
        else if (status == AcceptStatus.Stop)
            GiveUp(listener!);
    }

    /// <summary>A session ended: there may be descriptors again.</summary>
    internal void Resume() => _retryAt = default;

    /// <summary>Once a loop turn.</summary>
    internal void Retry(Instant now)
    {
        if (!IsPaused || now < _retryAt)
            return;
        IsPaused = false;
        Watch(EpollEvents.In);
    }

    public void Dispose()
    {
        foreach (WorkerListener listener in _listeners)
            listener.Socket.Dispose();
        _listeners = [];
    }

    // Clients still in the queue of a socket that is closed would be reset. New ones may go on coming: more than a queue holds is not waited for.
    private void TakeQueue(WorkerListener listener, Instant now)
    {
        AcceptStatus status = AcceptStatus.Accepted;
        for (int i = 0; i < ListenSocket.Backlog && status is AcceptStatus.Accepted or AcceptStatus.Retry; i++)
            status = AcceptNext(listener, now);
    }

    private AcceptStatus AcceptNext(WorkerListener listener, Instant now)
    {
        AcceptStatus status = listener.Socket.Accept(out Fd client, out IpEndpoint peer);
        if (status != AcceptStatus.Accepted)
            return status;
        worker.Counters.CountAccepted(now);
        Origin origin = new(listener.Plan, peer);
        ListenerPlan plan = listener.Plan;
        // Who comes behind a proxy is known, and counted, when its header has been read.
        bool isKnown = !plan.AwaitsHeader(peer);
        if (worker.Gateway.Bans.IsBanned(peer))
            RefuseBanned(client, origin, now);
        else if (isKnown && plan.RequiresProxy)
            RefuseStranger(client, origin, now);
        else if (!worker.Gateway.TryEnter(plan.Settings.SessionsMax))
            RefuseConnection(client, origin, now);
        else if (isKnown && Admission.TryEnter(worker, origin, now) is { } reason)
        {
            worker.Gateway.Leave();
            Refuse(client, origin, reason, now);
        }
        else
            Begin(client, origin, listener.Socket.Local.Port, isKnown, now);
        return status;
    }

    private void Begin(Fd client, Origin origin, ushort localPort, bool isKnown, Instant now)
    {
        Session session = sessions.Take();
        session.Open(client, origin, localPort, isKnown ? Phase.Hello : Phase.ProxyHeader, now);
        if (isKnown)
            Admission.Note(session);
        worker.Advance(session, now);
    }

    private void RefuseStranger(Fd client, Origin origin, Instant now)
    {
        Refuse(client, origin, CloseReason.ProxyHeader, now);
        ProxyStage.Tell(worker, origin, "accept-proxy = require, and it is not among the trusted-proxies", now);
    }

    // With a reset: nothing is lost that anybody may wait for, and of a flood nothing stays in the kernel, no TIME_WAIT either.
    private void RefuseBanned(Fd client, Origin origin, Instant now)
    {
        worker.Counters.CountEnd(CloseReason.Banned);
        SessionLog.WriteRefused(worker, origin, CloseReason.Banned, now);
        StreamSocket.Abort(client);
    }

    private void RefuseConnection(Fd client, Origin origin, Instant now)
    {
        Refuse(client, origin, CloseReason.ConnectionLimit, now);
        if (_limitMessages.MayPass(now))
            Log.ConnectionLimit(log, origin.Listener.Settings.SessionsMax, worker.Counters.Ended(CloseReason.ConnectionLimit));
    }

    private void Refuse(Fd client, Origin origin, CloseReason reason, Instant now)
    {
        worker.Counters.CountEnd(reason);
        SessionLog.WriteRefused(worker, origin, reason, now);
        client.Close();
    }

    private void Pause(Instant now)
    {
        IsPaused = true;
        worker.Pipes.DropIdle();
        _retryAt = now + TimeSpan.FromMilliseconds(RetryMilliseconds);
        Volatile.Write(ref _pauses, _pauses + 1);
        Watch(EpollEvents.None);
        if (worker.Trouble.MayPass(now))
            Log.AcceptPaused(log, _pauses);
    }

    private void GiveUp(WorkerListener listener)
    {
        Log.ListenerBroken(log, listener.Socket.Local.ToString());
        epoll.Remove(listener.Socket.Fd);
    }

    private void Watch(EpollEvents events)
    {
        foreach (WorkerListener listener in _listeners)
            epoll.TryModify(listener.Socket.Fd, events, TokenOf(listener));
    }

    private static ulong TokenOf(WorkerListener listener) => new Token(TokenKind.Listener, listener.Socket.Fd.Number).Value;
}
