using System.Collections.Concurrent;
using FastSni.Telemetry;

namespace FastSni.Http;

/// <summary>
/// The connections of a server, and the look at each once a second while there are any. Held here: a request that waits with nothing under way on its socket
/// would otherwise be garbage, and with it the lease would go, for good.
/// </summary>
internal sealed class OpenConnections : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1), IntervalAtStop = TimeSpan.FromMilliseconds(250);

    /// <summary>What was cut has this long to notice.</summary>
    private static readonly TimeSpan CutTime = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<HandoffConnection, bool> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _tick = new();
    private int _isTicking;

    /// <summary>Cancelled when the server stops: every connection ends behind the request in flight.</summary>
    internal CancellationToken Stopping { get; }

    internal OpenConnections() => Stopping = _stopping.Token;

    internal void Add(HandoffConnection connection)
    {
        _connections.TryAdd(connection, true);
        if (Interlocked.Exchange(ref _isTicking, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static connections => _ = connections.TickAsync(), this, preferLocal: false);
    }

    internal void Remove(HandoffConnection connection) => _connections.TryRemove(connection, out _);

    /// <summary>Completes when the last connection has ended.</summary>
    /// <param name="hurry">Cuts what is left.</param>
    internal async Task DrainAsync(CancellationToken hurry)
    {
        await _stopping.CancelAsync();
        long cutTicks = long.MaxValue;
        while (!_connections.IsEmpty && Environment.TickCount64 < cutTicks)
        {
            TickAll();
            foreach ((HandoffConnection connection, _) in _connections)
            {
                connection.EndIfIdle();
                if (hurry.IsCancellationRequested)
                    connection.Client.Lease.RequestClose(CloseReason.Drained);
            }
            if (hurry.IsCancellationRequested && cutTicks == long.MaxValue)
                cutTicks = Environment.TickCount64 + (long)CutTime.TotalMilliseconds;
            await Task.Delay(IntervalAtStop, cutTicks == long.MaxValue ? hurry : CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _stopping.Dispose();

    private async Task TickAsync()
    {
        using PeriodicTimer timer = new(Interval);
        do
        {
            while (!_connections.IsEmpty && await timer.WaitForNextTickAsync())
                TickAll();
            Volatile.Write(ref _isTicking, 0);
            // One that came meanwhile has seen the other value.
        }
        while (!_connections.IsEmpty && Interlocked.Exchange(ref _isTicking, 1) == 0);
    }

    // Kestrel expects one tick at a time.
    private void TickAll()
    {
        lock (_tick)
        {
            foreach ((HandoffConnection connection, _) in _connections)
                Tick(connection);
        }
    }

    private static void Tick(HandoffConnection connection)
    {
        try
        {
            connection.Tick();
        }
        catch (Exception)
        {
            // One connection's fault must not end the look at all others.
            connection.Abort();
        }
    }
}
