using System.Collections.Concurrent;
using FastSni.Telemetry;

namespace FastSni.Http;

/// <summary>
/// The connections of a server. Kestrel holds them by weak references and expects the transport to hold them: a request that waits with nothing under way on
/// its socket would otherwise be garbage, and with it the lease would go, for good.
/// </summary>
internal sealed class OpenConnections
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<HandoffConnection, bool> _connections = new();

    internal void Add(HandoffConnection connection) => _connections.TryAdd(connection, true);

    internal void Remove(HandoffConnection connection) => _connections.TryRemove(connection, out _);

    /// <summary>Ends what is still open at the end of a drain.</summary>
    internal void Cut()
    {
        foreach (HandoffConnection connection in _connections.Keys)
            connection.Client.Lease.RequestClose(CloseReason.Drained);
    }

    /// <summary>
    /// Looks after the connections while Kestrel stops, which ends its own heartbeat first: then nobody would notice that a client has left, or that the
    /// last stream of an HTTP/2 connection has ended.
    /// </summary>
    internal async Task LookAfterAsync(Task stopping)
    {
        using PeriodicTimer timer = new(Interval);
        while (!stopping.IsCompleted && await timer.WaitForNextTickAsync())
        {
            foreach (HandoffConnection connection in _connections.Keys)
                connection.LookWhileStopping();
        }
    }
}
