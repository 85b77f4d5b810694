using System.Collections.Immutable;
using FastSni.Backends;
using FastSni.Config;
using FastSni.Handoff;
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
    private bool _isDisposed;

    /// <param name="records">One ring a worker; their number is the number of workers.</param>
    /// <param name="openFiles">RLIMIT_NOFILE as it holds.</param>
    /// <exception cref="Linux.LinuxException">No descriptors for the loops themselves.</exception>
    public Gateway(ImmutableArray<RecordRing<SessionRecord>> records, HandoffQueue handoffs, long openFiles, ILogger log)
    {
        (_openFiles, _log) = (openFiles, log);
        _state = new GatewayState(records.Length, handoffs);
        _listeners = new ListenerSet(records.Length, log);
        _workers = [.. records.Select((ring, index) => new Worker(index, _state, ring, log))];
        _threads = [.. _workers.Select(worker => new Thread(worker.Run) { Name = $"worker-{worker.Index}", IsBackground = true })];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    /// <summary>Sessions open now.</summary>
    public int Sessions => _state.Sessions;

    /// <summary>Where the gateway listens, with real ports.</summary>
    public IEnumerable<IpEndpoint> Endpoints => _listeners.Endpoints;

    /// <summary>Clients accepted since the start.</summary>
    public long Accepted => _workers.Sum(worker => worker.Counters.Accepted);

    /// <summary>Sessions and refusals that ended for a reason since the start.</summary>
    public long Ended(CloseReason reason) => _workers.Sum(worker => worker.Counters.Ended(reason));

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

    /// <summary>
    /// Puts a configuration into force, at start and on every reload. Sessions keep the one they were born with; addresses that stay keep their sockets.
    /// </summary>
    /// <returns>What is in the way, each as `[section] key: sentence`; nothing has changed then. Empty: done.</returns>
    /// <param name="pools">The snapshot's.</param>
    /// <param name="whenCertain">Called once nothing is in the way any more, before the first client follows the new configuration.</param>
    public async Task<IReadOnlyList<string>> ApplyAsync(Snapshot snapshot, BackendPools pools, Action whenCertain)
    {
        if (snapshot.Gateway.Workers is { } wanted && wanted != _workers.Length)
            Log.WorkersNeedRestart(_log, wanted, _workers.Length);
        int sessionsMax = SessionBudget.Of(
            snapshot.Gateway.MaxConnections, _openFiles, _workers.Length, snapshot.Listeners.Sum(listener => listener.Endpoints.Length));
        if (sessionsMax < snapshot.Gateway.MaxConnections)
            Log.ConnectionsCut(_log, snapshot.Gateway.MaxConnections.Value, sessionsMax, _openFiles);
        List<string> errors = [];
        if (_listeners.TryOpen(RoutingPlan.Create(snapshot, pools, sessionsMax), errors) is not { } listeners)
            return errors;
        whenCertain();
        await ListenAsync(listeners, snapshot.Gateway.HelloLimitBytes).ConfigureAwait(false);
        return [];
    }

    /// <summary>Accepts nobody any more; who is still in the queues becomes a session before the sockets close.</summary>
    public Task StopListeningAsync()
    {
        _listeners.Clear();
        return ListenAsync([.. _workers.Select(_ => ImmutableArray<WorkerListener>.Empty)], helloBytesMax: 0);
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

    private Task ListenAsync(ImmutableArray<ImmutableArray<WorkerListener>> listeners, int helloBytesMax)
    {
        WorkerCommand.Listen[] commands = [.. listeners.Select(mine => new WorkerCommand.Listen(mine, helloBytesMax))];
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
    }
}
