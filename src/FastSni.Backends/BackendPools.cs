using System.Collections.Immutable;
using FastSni.Config;

namespace FastSni.Backends;

/// <summary>The live servers of one snapshot: a pool for every server list in it, whichever room uses it.</summary>
public sealed class BackendPools
{
    private readonly Dictionary<ServerList, ServerPool> _pools = new(ReferenceEqualityComparer.Instance);

    /// <param name="lists">Each with the label of its section.</param>
    internal BackendPools(IEnumerable<(string Section, ServerList List)> lists, Func<string, ServerList, ServerPool> create)
    {
        foreach ((string section, ServerList list) in lists)
            _pools.Add(list, create(section, list));
        All = [.. _pools.Values];
    }

    public static BackendPools Empty { get; } = new([], (_, _) => throw new InvalidOperationException());

    public ImmutableArray<ServerPool> All { get; }

    /// <param name="list">The very object of the snapshot.</param>
    public ServerPool this[ServerList list] => _pools[list];

    /// <summary>How the servers of each section are now. A server that is in two lists of one section comes once.</summary>
    public IReadOnlyList<SectionState> Report() => [.. All.GroupBy(pool => pool.Section).Select(section =>
        new SectionState(section.Key, [.. section.SelectMany(pool => pool.Report()).DistinctBy(server => server.Address)]))];

    /// <summary>Every list, with the label of its section: `passthrough:yunohost`, `listen:smtp`.</summary>
    internal static IEnumerable<(string Section, ServerList List)> ListsOf(Snapshot snapshot)
    {
        foreach (RouteSection section in snapshot.Sections)
        {
            if (section is PassthroughSection passthrough)
            {
                yield return (section.Label, passthrough.Backend);
                if (passthrough.HttpBackend is { } http)
                    yield return (section.Label, http);
            }
            else if (section is OffloadSection offload)
                yield return (section.Label, offload.Backend);
        }
        foreach (Listener listener in snapshot.Listeners)
        {
            if (listener.Backend is { } backend)
                yield return ("listen:" + listener.Name, backend);
        }
    }
}
