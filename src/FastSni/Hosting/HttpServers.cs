using FastSni.Config;
using FastSni.Handoff;
using FastSni.Http;

namespace FastSni.Hosting;

/// <summary>
/// The HTTP servers, one for each set of limits. Each is started for the first client that needs it, so that a gateway that only forwards never loads HTTP,
/// and ends with the last section of its limits.
/// </summary>
internal sealed class HttpServers(Func<ListenMode, HttpLimits, HttpServer> create) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(ListenMode Mode, HttpLimits Limits), Task<HttpServer>> _servers = [];
    private readonly List<Task> _ending = [];    // What Keep let go of, while it still has connections.
    private readonly CancellationTokenSource _hurry = new();

    internal Task<HttpServer> FindAsync(HandedOffClient client)
    {
        (ListenMode, HttpLimits) key = (client.Listener.Mode, client.Section?.Limits ?? HttpLimits.Default);
        lock (_lock)
        {
            if (!_servers.TryGetValue(key, out Task<HttpServer>? server) || server.IsFaulted)
                _servers[key] = server = Task.Run(() => StartAsync(key.Item1, key.Item2));     // A worker asks, which must not wait.
            return server;
        }
    }

    /// <summary>Lets go of servers whose limits no section has any more; their connections end behind the request in flight.</summary>
    internal void Keep(Snapshot snapshot)
    {
        HashSet<HttpLimits> used = [HttpLimits.Default, .. snapshot.Sections.OfType<OffloadSection>().Select(section => section.Limits)];
        lock (_lock)
        {
            _ending.RemoveAll(ending => ending.IsCompleted);
            foreach ((ListenMode Mode, HttpLimits Limits) gone in _servers.Keys.Where(key => !used.Contains(key.Limits)).ToArray())
            {
                _servers.Remove(gone, out Task<HttpServer>? server);
                _ending.Add(EndAsync(server!));
            }
        }
    }

    /// <summary>Ends all servers, and waits for those that were let go of too.</summary>
    /// <param name="hurry">Cuts what is left.</param>
    internal async Task StopAsync(CancellationToken hurry)
    {
        using CancellationTokenRegistration cut = hurry.Register(_hurry.Cancel);
        Task ending;
        lock (_lock)
            ending = Task.WhenAll([.. _ending, .. _servers.Values.Select(EndAsync)]);
        await ending;
    }

    public void Dispose() => _hurry.Dispose();

    private async Task<HttpServer> StartAsync(ListenMode mode, HttpLimits limits)
    {
        HttpServer server = create(mode, limits);
        await server.StartAsync();
        return server;
    }

    private async Task EndAsync(Task<HttpServer> starting)
    {
        using HttpServer server = await starting;
        await server.StopAsync(_hurry.Token);
    }
}
