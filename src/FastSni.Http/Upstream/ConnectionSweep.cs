namespace FastSni.Http;

/// <summary>Every connection to a server, and a look at their deadlines once a second while there are any: far cheaper than a timer for each request.</summary>
internal sealed class ConnectionSweep
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly HashSet<UpstreamConnection> _connections = [];
    private bool _isRunning;

    internal void Add(UpstreamConnection connection)
    {
        lock (_lock)
        {
            _connections.Add(connection);
            if (_isRunning)
                return;
            _isRunning = true;
        }
        // Not on the request's own flow, whose state it would keep alive.
        using (ExecutionContext.SuppressFlow())
            _ = RunAsync();
    }

    internal void Remove(UpstreamConnection connection)
    {
        lock (_lock)
            _connections.Remove(connection);
    }

    private async Task RunAsync()
    {
        using PeriodicTimer timer = new(Interval);
        while (await timer.WaitForNextTickAsync())
        {
            UpstreamConnection[] connections;
            lock (_lock)
            {
                connections = [.. _connections];
                _isRunning = connections.Length > 0;
            }
            long now = Environment.TickCount64;
            foreach (UpstreamConnection connection in connections)
                CloseIfLate(connection, now);
            if (connections.Length == 0)
                return;
        }
    }

    private static void CloseIfLate(UpstreamConnection connection, long now)
    {
        try
        {
            connection.CloseIfLate(now);
        }
        catch (Exception)
        {
            // Closing one connection must not end the watch over all others; its request ends with it.
            connection.Cut(Outcome.TimedOut);
        }
    }
}
