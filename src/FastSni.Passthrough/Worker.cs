using System.Collections.Concurrent;
using FastSni.Linux;
using FastSni.Telemetry;
using Microsoft.Extensions.Logging;

namespace FastSni.Passthrough;

/// <summary>
/// One event loop: one thread, one epoll, one SO_REUSEPORT socket per listening address. Everything in here belongs to that thread; the doors from
/// outside are <see cref="Post"/> and the counters.
/// </summary>
internal sealed class Worker : IDisposable
{
    private const int EventsPerTurn = 256, IdleBuffersMax = 64, IdleTextsMax = 1024;
    private const EpollEvents SessionEvents =
        EpollEvents.In | EpollEvents.Out | EpollEvents.Priority | EpollEvents.ReadHangUp | EpollEvents.EdgeTriggered;

    private readonly Epoll _epoll = Epoll.Create();
    private readonly WakeUp _wakeUp = WakeUp.Create();
    private readonly ConcurrentQueue<WorkerCommand> _commands = new();
    private readonly Queue<Token> _revisits = new();
    private readonly SessionTable _sessions;
    private readonly Lock _posting = new();
    private bool _stopped, _isDisposed;
    private long _begun;        // Sessions.

    internal Worker(int index, GatewayState gateway, RecordRing<SessionRecord> records, ILogger log)
    {
        (Index, Gateway, Records, Logger) = (index, gateway, records, log);
        Timers = new TimerWheel(Instant.Now());
        _sessions = new SessionTable(this);
        Pipes = new PipePool(gateway.Workers, gateway.PipesMax);
        Buffers = new BufferPool(Pump.CopyBytesMax, IdleBuffersMax);
        Texts = new BufferPool(HelloText.BytesMax, IdleTextsMax);
        Pump = new Pump(Pipes, Buffers);
        Acceptor = new Acceptor(this, _epoll, _sessions, log);
        if (!_epoll.TryAdd(_wakeUp.Fd, EpollEvents.In | EpollEvents.EdgeTriggered, new Token(TokenKind.WakeUp, 0).Value))
            throw new LinuxException("epoll_ctl", Errno.NoSpace);
    }

    internal int Index { get; }
    internal GatewayState Gateway { get; }
    internal RecordRing<SessionRecord> Records { get; }
    internal SessionTable Sessions => _sessions;
    internal TimerWheel Timers { get; }
    internal PipePool Pipes { get; }
    internal BufferPool Buffers { get; }
    /// <summary>For server names too long to lie in their session.</summary>
    internal BufferPool Texts { get; }
    internal Pump Pump { get; }
    internal Acceptor Acceptor { get; }
    internal WorkerCounters Counters { get; } = new();

    /// <summary>Room for the largest hello, and for the largest PROXY header where one is read; grows with the limit.</summary>
    internal byte[] HelloBuffer { get; private set; } = [];

    internal ILogger Logger { get; }

    /// <summary>For messages about missing descriptors, ports and memory.</summary>
    internal Throttle Trouble { get; } = new();

    /// <summary>For messages about peers refused over PROXY headers.</summary>
    internal Throttle ProxyMessages { get; } = new();

    /// <summary>For messages about clients beyond a limit of each client.</summary>
    internal Throttle ClientMessages { get; } = new();

    /// <summary>For the access log's lines of clients beyond a limit of all clients.</summary>
    internal Throttle LimitLines { get; } = new();

    /// <summary>For those of banned clients that were refused.</summary>
    internal Throttle BanLines { get; } = new();

    /// <summary>Has the worker do something, from any thread; after its end nothing is done.</summary>
    internal void Post(WorkerCommand command)
    {
        // A wake-up that is closed may be anybody's descriptor by now.
        lock (_posting)
        {
            if (_isDisposed)
            {
                command.Abandon();
                return;
            }
            _commands.Enqueue(command);
            _wakeUp.Signal();
        }
    }

    /// <summary>The thread's whole life.</summary>
    internal void Run()
    {
        // A worker needs microseconds at a time, and shares its CPU with threads that are busy for milliseconds. A wish: where it is not granted, nothing is lost.
        CurrentThread.TryAskForShortTurns();
        Span<EpollEvent> events = stackalloc EpollEvent[EventsPerTurn];
        Instant now = Instant.Now();
        while (!_stopped)
        {
            int count = _epoll.Wait(events, SleepMilliseconds(now));
            now = Instant.Now();
            foreach (EpollEvent happened in events[..count])
                Dispatch(happened, now);
            Revisit(now);
            Expire(now);
            Acceptor.Retry(now);
            Pipes.Trim(now);
        }
    }

    internal bool TryWatch(Fd socket, Token token) => _epoll.TryAdd(socket, SessionEvents, token.Value);

    internal void Unwatch(Fd socket) => _epoll.Remove(socket);

    /// <summary>Gives a session that stopped on its budget another turn after the others.</summary>
    internal void RevisitLater(Session session)
    {
        if ((session.Flags & SessionFlags.Revisiting) != 0)
            return;
        session.Flags |= SessionFlags.Revisiting;
        _revisits.Enqueue(session.TokenOf(TokenKind.Client));
    }

    internal void Release(Session session)
    {
        Timers.Cancel(session.Slot);
        session.Clear();
        _sessions.Release(session);
        Acceptor.Resume();
    }

    /// <summary>Runs a session, with a frame around it: a fault of ours costs this one session.</summary>
    internal void Advance(Session session, Instant now)
    {
        try
        {
            session.Advance(now);
        }
        catch (Exception fault)
        {
            Log.SessionFault(Logger, fault, session.Origin.Client.ToString());
            session.End(CloseReason.Error, now);
        }
    }

    /// <summary>Leads back to the worker: its index is what a division by the number of workers leaves.</summary>
    internal long NextSessionId() => ++_begun * Gateway.Workers + Index;

    internal void ReserveHello(int bytes)
    {
        if (HelloBuffer.Length < bytes)
            HelloBuffer = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
    }

    internal void EndAll(CloseReason reason, Instant now)
    {
        foreach (Session session in _sessions.Open(0, _sessions.Slots))
            session.End(reason, now);
    }

    internal void Stop() => _stopped = true;

    public void Dispose()
    {
        lock (_posting)
        {
            _isDisposed = true;
            _wakeUp.Dispose();
        }
        while (_commands.TryDequeue(out WorkerCommand? command))
            command.Abandon();
        Acceptor.Dispose();
        Pipes.Dispose();
        _epoll.Dispose();
    }

    private int SleepMilliseconds(Instant now)
    {
        if (_revisits.Count > 0)
            return 0;
        int sleep = Timers.TimeoutMilliseconds(now);    // −1 is the longest.
        if (Pipes.TrimAt != Instant.Never)
            sleep = (int)Math.Min((uint)sleep, (uint)Math.Max(0, (Pipes.TrimAt.Micros - now.Micros + 999) / 1000));
        return Acceptor.IsPaused ? (int)Math.Min((uint)sleep, Acceptor.RetryMilliseconds) : sleep;
    }

    private void Dispatch(EpollEvent happened, Instant now)
    {
        Token token = new(happened.Token);
        switch (token.Kind)
        {
            case TokenKind.WakeUp:
                _wakeUp.Clear();
                // Those that came up to now: one that posts itself again wants the others to have their turn.
                for (int count = _commands.Count; count > 0 && _commands.TryDequeue(out WorkerCommand? command); count--)
                    command.Run(this, now);
                break;
            case TokenKind.Listener:
                Acceptor.Accept(token.Slot, now);
                break;
            default:
                if (_sessions.Find(token) is not { } session)
                    return;     // Ended earlier in this batch.
                if (token.Kind == TokenKind.Client)
                    session.Client.Note(happened.Events);
                else
                    session.Backend.Note(happened.Events);
                Advance(session, now);
                break;
        }
    }

    private void Revisit(Instant now)
    {
        for (int count = _revisits.Count; count > 0; count--)
        {
            if (_sessions.Find(_revisits.Dequeue()) is not { } session)
                continue;
            session.Flags &= ~SessionFlags.Revisiting;
            Advance(session, now);
        }
    }

    private void Expire(Instant now)
    {
        while (Timers.TryExpire(now, out int slot))
        {
            Session session = _sessions[slot];
            if (session.Times.Deadline <= now)
            {
                Advance(session, now);
                continue;
            }
            // The deadline moved on meanwhile. A session that outlives its first one is a long one: now keepalive towards the backend pays.
            PumpStage.KeepAlive(session);
            Timers.Schedule(slot, session.Times.Deadline);
        }
    }
}
