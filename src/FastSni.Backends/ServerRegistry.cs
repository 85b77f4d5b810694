using FastSni.Config;
using Microsoft.Extensions.Logging;

namespace FastSni.Backends;

/// <summary>
/// Every server in use, by what the operator wrote. A reload that names a server again gets the same object: its marks, its count of sessions and its
/// looked-up addresses go on.
/// </summary>
public sealed class ServerRegistry(ILogger log)
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly HashSet<(string Section, ServerAddress Server)> _draining = [];
    private Dictionary<ServerAddress, Server> _servers = [];
    private BackendPools _inForce = BackendPools.Empty;
    private IReadOnlyList<string> _drainedAtFirst = [];

    /// <summary>The pools of a new configuration. New servers join the known ones, which stay until <see cref="Keep"/>.</summary>
    public BackendPools Build(Snapshot snapshot) => Build(BackendPools.ListsOf(snapshot));

    internal BackendPools Build(IEnumerable<(string Section, ServerList List)> lists)
    {
        lock (_lock)
        {
            BackendPools pools = new(lists, (section, list) => new ServerPool(section, [.. list.Servers.Select(Find)], list.Balance));
            foreach (string target in _drainedAtFirst)
            {
                if (DrainTarget.Find(target, pools, out IReadOnlyList<(string Section, ServerAddress Server)> found) is null)
                    Drain(found, isDraining: true);
            }
            _drainedAtFirst = [];
            MarkDraining(pools);
            return pools;
        }
    }

    /// <summary>
    /// The pools that are in force from now on, or still are where a configuration was refused: lets go of the servers that are in none of them, and of
    /// what was drained in sections that they are no longer in.
    /// </summary>
    public void Keep(BackendPools pools)
    {
        lock (_lock)
        {
            _inForce = pools;
            _servers = pools.All.SelectMany(pool => pool.Servers).Distinct().ToDictionary(server => server.Config);
            _draining.IntersectWith(pools.All.SelectMany(pool => pool.Servers.Select(server => (pool.Section, server.Config))));
            MarkDraining(pools);    // Somebody may have drained since they were built.
        }
    }

    /// <summary>
    /// Sends servers of a section no new sessions and requests, or sends them some again; other sections with the same servers, health checks and what is
    /// open go on. Holds over reloads as long as the section has the server.
    /// </summary>
    /// <param name="target">`SECTION[/ADDRESS]`, see <see cref="DrainTarget"/>.</param>
    /// <returns>Why not, fit for an operator, or null.</returns>
    public string? Drain(string target, bool isDraining)
    {
        lock (_lock)
        {
            if (DrainTarget.Find(target, _inForce, out IReadOnlyList<(string Section, ServerAddress Server)> found) is { } error)
                return error;
            Drain(found, isDraining);
            MarkDraining(_inForce);
            return null;
        }
    }

    /// <summary>What is drained now, each as `SECTION/ADDRESS`.</summary>
    public IReadOnlyList<string> Drained
    {
        get
        {
            lock (_lock)
                return [.. _draining.Select(one => $"{one.Section}/{one.Server.Text}")];
        }
    }

    /// <summary>What another process had <see cref="Drained"/> holds here from the first pools on, as far as they have it.</summary>
    public void DrainAtFirst(IReadOnlyList<string> targets)
    {
        lock (_lock)
            _drainedAtFirst = targets;
    }

    private void Drain(IEnumerable<(string Section, ServerAddress Server)> found, bool isDraining)
    {
        foreach ((string Section, ServerAddress Server) one in found)
        {
            if (isDraining && _draining.Add(one))
                Log.Draining(log, one.Server.Text, one.Section);
            else if (!isDraining && _draining.Remove(one))
                Log.DrainedNoMore(log, one.Server.Text, one.Section);
        }
    }

    private void MarkDraining(BackendPools pools)
    {
        foreach (ServerPool pool in pools.All)
            pool.SetDraining(server => _draining.Contains((pool.Section, server.Config)));
    }

    /// <summary>Looks every host name up once, all at the same time. A name that fails keeps the last good answer.</summary>
    public Task ResolveAsync(CancellationToken stop) => ResolveAsync(server => true, stop);

    /// <summary>Looks up the names that have no address yet, and waits for that a moment: a dead resolver must not keep the gateway from starting.</summary>
    public Task ResolveNewAsync() => Task.WhenAny(ResolveAsync(server => !server.IsReachable, CancellationToken.None), Task.Delay(StartPatience));

    private Task ResolveAsync(Func<Server, bool> wanted, CancellationToken stop)
    {
        lock (_lock)
            return Task.WhenAll(_servers.Values.Where(server => server.Config.Kind == ServerKind.HostName && wanted(server))
                .Select(server => Resolver.ResolveAsync(server, log, stop)));
    }

    private Server Find(ServerAddress address) => _servers.TryGetValue(address, out Server? server) ? server : _servers[address] = new Server(address);
}
