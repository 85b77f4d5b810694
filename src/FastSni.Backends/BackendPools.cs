using FastSni.Config;

namespace FastSni.Backends;

/// <summary>The live servers of one snapshot: a pool for every server list in it, whichever room uses it.</summary>
public sealed class BackendPools
{
    private readonly Dictionary<ServerList, ServerPool> _pools = new(ReferenceEqualityComparer.Instance);

    internal BackendPools(IEnumerable<ServerList> lists, Func<ServerList, ServerPool> create)
    {
        foreach (ServerList list in lists)
            _pools.Add(list, create(list));
    }

    public static BackendPools Empty { get; } = new([], _ => throw new InvalidOperationException());

    public IEnumerable<ServerPool> All => _pools.Values;

    /// <param name="list">The very object of the snapshot.</param>
    public ServerPool this[ServerList list] => _pools[list];

    internal static IEnumerable<ServerList> ListsOf(Snapshot snapshot)
    {
        foreach (RouteSection section in snapshot.Sections)
        {
            if (section is PassthroughSection passthrough)
            {
                yield return passthrough.Backend;
                if (passthrough.HttpBackend is { } http)
                    yield return http;
            }
            else if (section is OffloadSection offload)
                yield return offload.Backend;
        }
        foreach (Listener listener in snapshot.Listeners)
        {
            if (listener.Backend is { } backend)
                yield return backend;
        }
    }
}
