using System.Collections.Immutable;
using FastSni.Backends;
using FastSni.Bans;
using FastSni.Config;
using FastSni.Handoff;
using FastSni.Linux;
using FastSni.Telemetry;
using FastSni.Wire;
using Microsoft.Extensions.Logging;

namespace FastSni.Passthrough;

/// <summary>The running gateway: its workers, its listening sockets, and the way from one configuration to the next.</summary>
public sealed class Gateway : IDisposable
{
    private static readonly TimeSpan DrainLook = TimeSpan.FromMilliseconds(50);

    private readonly ImmutableArray<Worker> _workers;
    private readonly ImmutableArray<Thread> _threads;
    private readonly GatewayState _state;
    private readonly ListenerSet _listeners;
    private readonly long _openFiles;
    private readonly ILogger _log;
    private int _sessionsMax;
    private bool _isDisposed;

    /// <param name="records">One ring a worker; their number is the number of workers.</param>
    /// <param name="bans">Asked at every accept.</param>
    /// <param name="openFiles">RLIMIT_NOFILE as it holds.</param>
    /// <exception cref="LinuxException">No descriptors for the loops themselves.</exception>
    public Gateway(ImmutableArray<RecordRing<SessionRecord>> records, IHandoffRooms rooms, BanTable bans, long openFiles, ILogger log)
    {
        (_openFiles, _log) = (openFiles, log);
        _state = new GatewayState(records.Length, SessionBudget.PipesOf(openFiles, records.Length), rooms, bans);
        _listeners = new ListenerSet(records.Length, log);
        _workers = [.. records.Select((ring, index) => new Worker(index, _state, ring, log))];
        _threads = [.. _workers.Select(worker => new Thread(worker.Run) { Name = $"worker-{worker.Index}", IsBackground = true })];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    public int Workers => _workers.Length;

    /// <summary>Sessions open now.</summary>
    public int Sessions => _state.Sessions;

    /// <summary>How many there may be, as it is in force.</summary>
    public int SessionsMax => Volatile.Read(ref _sessionsMax);

    /// <summary>Clients accepted of which no whole hello has come yet.</summary>
    public int PendingHellos => _state.PendingHellos;

    /// <summary>Where the gateway listens, with real ports.</summary>
    public IEnumerable<IpEndpoint> Endpoints => _listeners.Endpoints;

    /// <summary>Every listening socket, for a successor. Good until the next <see cref="ApplyAsync"/>.</summary>
    public IReadOnlyList<Fd> ListeningSockets => [.. _listeners.Descriptors];

    /// <summary>Clients accepted since the start.</summary>
    public long Accepted => _workers.Sum(worker => worker.Counters.Accepted);

    /// <summary>In the last whole second.</summary>
    public long AcceptedPerSecond => _workers.Sum(worker => worker.Counters.AcceptedInLastSecond(Instant.Now()));

    /// <summary>How often accepting has paused for want of descriptors or memory.</summary>
    public long AcceptPauses => _workers.Sum(worker => worker.Acceptor.Pauses);

    /// <summary>
    /// Sessions and refusals that ended for a reason since the start. A connection that was handed off counts as that, and once more where its end was asked for.
    /// </summary>
    public long Ended(CloseReason reason) => _workers.Sum(worker => worker.Counters.Ended(reason)) + _state.Ended(reason);

    /// <summary>Pipes with bytes in them now.</summary>
    public int PipesHeld => _workers.Sum(worker => Math.Max(0, worker.Pipes.Open - worker.Pipes.Idle));

    /// <summary>Pipes kept for the next flow.</summary>
    public int PipesIdle => _workers.Sum(worker => worker.Pipes.Idle);

    /// <summary>Whether new clients shall be refused for want of memory; asked at every accept, from any thread. Set before the first client comes.</summary>
    public Func<bool> MemoryIsShort
    {
        get => _state.MemoryIsShort;
        set => _state.MemoryIsShort = value;
    }

    /// <summary>Clients refused for want of memory since the start; they count as <see cref="CloseReason.ConnectionLimit"/> too.</summary>
    public long MemoryRefused => _state.MemoryRefused;

    /// <summary>Reads of bulky flows that were copies because no pipe was to be had.</summary>
    public long PipesRefused => _workers.Sum(worker => worker.Pipes.Refused);

    /// <summary>Sockets that listen already, from a predecessor or systemd: the first configuration takes those of its addresses, the others are closed then.</summary>
    public void Inherit(IEnumerable<ListenSocket> sockets) => _listeners.Inherit(sockets);

    /// <summary>
    /// Puts a configuration into force, at start and on every reload. Sessions keep the one they were born with; addresses that stay keep their sockets.
    /// </summary>
    /// <returns>What is in the way, each as `[section] key: sentence`; nothing has changed then. Empty: done.</returns>
    /// <param name="pools">The snapshot's.</param>
    /// <param name="whenCertain">Called once nothing is in the way any more, before the first client follows the new configuration.</param>
    public async Task<IReadOnlyList<string>> ApplyAsync(Snapshot snapshot, BackendPools pools, Action whenCertain)
    {
        int sessionsMax = SessionBudget.Of(
            snapshot.Gateway.MaxConnections, _openFiles, _workers.Length, snapshot.Listeners.Sum(listener => listener.Endpoints.Length));
        if (sessionsMax < snapshot.Gateway.MaxConnections)
            Log.ConnectionsCut(_log, snapshot.Gateway.MaxConnections.Value, sessionsMax, _openFiles);
        List<string> errors = [];
        if (_listeners.TryOpen(RoutingPlan.Create(snapshot, pools, sessionsMax), errors) is not { } listeners)
            return errors;
        whenCertain();
        Volatile.Write(ref _sessionsMax, sessionsMax);
        await ListenAsync(listeners, PeekBytesMax(snapshot)).ConfigureAwait(false);
        return [];
    }

    /// <summary>Accepts nobody any more; who is still in the queues becomes a session before the sockets close.</summary>
    public Task StopListeningAsync()
    {
        _listeners.Clear();
        return ListenAsync([.. _workers.Select(_ => ImmutableArray<WorkerListener>.Empty)], peekBytesMax: 0);
    }

    /// <summary>Stops listening, lets sessions finish for a while, those in other rooms too, and closes what is left here.</summary>
    /// <returns>How many sessions were left.</returns>
    public async Task<int> DrainAsync(TimeSpan timeout, CancellationToken hurry)
    {
        await StopListeningAsync().ConfigureAwait(false);
        Instant end = Instant.Now() + timeout;
        while (Sessions > 0 && Instant.Now() < end && !hurry.IsCancellationRequested)
            await Task.Delay(DrainLook, hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        int left = Sessions;
        foreach (Worker worker in _workers)
            worker.Post(new WorkerCommand.EndSessions(CloseReason.Drained));
        return left;
    }

    /// <summary>The oldest sessions of all workers and of the HTTP rooms.</summary>
    /// <param name="sessionsMax">The list holds no more.</param>
    public async Task<SessionList> ListSessionsAsync(int sessionsMax)
    {
        SessionSweep.Show[] sweeps = [.. _workers.Select(_ => new SessionSweep.Show(new OldestSessions(sessionsMax)))];
        await SweepAsync(sweeps).ConfigureAwait(false);
        // After the workers: who is handed off meanwhile is seen twice, and not missed.
        OldestSessions handedOff = new(sessionsMax);
        _state.Leases.Show(handedOff, Instant.Now());
        IEnumerable<SessionView> seen = sweeps.Select(sweep => sweep.Oldest).Prepend(handedOff).SelectMany(oldest => oldest.All);
        SessionView[] oldest = [.. seen.DistinctBy(view => view.Id).OrderBy(view => view.AcceptedMicros).ThenBy(view => view.Id).Take(sessionsMax)];
        // Some that were seen may have ended by now.
        return new SessionList(oldest, Math.Max(oldest.Length, _state.Sessions));
    }

    /// <summary>Ends a session, whatever room it is in, with <see cref="CloseReason.ClosedByOperator"/>.</summary>
    /// <returns>False: there is no such session.</returns>
    public async Task<bool> CloseSessionAsync(long id)
    {
        if (id <= 0)
            return false;
        SessionSweep.EndOne sweep = new(id, CloseReason.ClosedByOperator);
        _workers[(int)(id % _workers.Length)].Post(sweep);
        await sweep.Done.ConfigureAwait(false);
        return sweep.HasEnded || _state.Leases.TryClose(id, CloseReason.ClosedByOperator);
    }

    /// <summary>Ends every session of some clients, in all rooms, with <see cref="CloseReason.Banned"/>.</summary>
    /// <param name="isBanned">Is called on any thread, on several at once.</param>
    /// <returns>How many.</returns>
    public async Task<int> CloseClientsAsync(Func<IpEndpoint, bool> isBanned)
    {
        SessionSweep.EndClients[] sweeps = [.. _workers.Select(_ => new SessionSweep.EndClients(isBanned, CloseReason.Banned))];
        await SweepAsync(sweeps).ConfigureAwait(false);
        int closed = sweeps.Sum(sweep => sweep.Ended) + _state.Leases.CloseClients(isBanned, CloseReason.Banned);
        if (closed > 0)
            Log.BannedClosed(_log, closed);
        return closed;
    }

    private Task SweepAsync(IReadOnlyList<SessionSweep> sweeps)
    {
        foreach ((Worker worker, SessionSweep sweep) in _workers.Zip(sweeps))
            worker.Post(sweep);
        return Task.WhenAll(sweeps.Select(sweep => sweep.Done));
    }

    // What a client sends is looked at in one piece.
    private static int PeekBytesMax(Snapshot snapshot) => snapshot.Listeners.Any(listener => listener.AcceptProxy != AcceptProxy.Off)
        ? Math.Max(snapshot.Gateway.HelloLimitBytes, ProxyHeader.ReceivedBytesMax)
        : snapshot.Gateway.HelloLimitBytes;

    private Task ListenAsync(ImmutableArray<ImmutableArray<WorkerListener>> listeners, int peekBytesMax)
    {
        WorkerCommand.Listen[] commands = [.. listeners.Select(mine => new WorkerCommand.Listen(mine, peekBytesMax))];
        foreach ((Worker worker, WorkerCommand.Listen command) in _workers.Zip(commands))
            worker.Post(command);
        return Task.WhenAll(commands.Select(command => command.Done));
    }

    /// <summary>Ends the loops; sessions still open are closed.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        foreach (Worker worker in _workers)
        {
            worker.Post(new WorkerCommand.EndSessions(CloseReason.Drained));
            worker.Post(new WorkerCommand.Stop());
        }
        foreach ((Worker worker, Thread thread) in _workers.Zip(_threads))
        {
            thread.Join();
            worker.Dispose();
        }
        _listeners.Clear();
    }
}
