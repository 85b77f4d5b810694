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
    private Dictionary<ServerAddress, Server> _servers = [];

    /// <summary>The pools of a new configuration. New servers join the known ones, which stay until <see cref="Keep"/>.</summary>
    public BackendPools Build(Snapshot snapshot) => Build(BackendPools.ListsOf(snapshot));

    internal BackendPools Build(IEnumerable<ServerList> lists)
    {
        lock (_lock)
            return new BackendPools(lists, list => new ServerPool([.. list.Servers.Select(Find)], list.Balance));
    }

    /// <summary>Lets go of the servers that are in none of the pools: called when a configuration came into force, or when one was refused.</summary>
    public void Keep(BackendPools pools)
    {
        lock (_lock)
            _servers = pools.All.SelectMany(pool => pool.Servers).Distinct().ToDictionary(server => server.Config);
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
