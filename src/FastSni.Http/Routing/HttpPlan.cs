using System.Collections.Immutable;
using System.Text;
using FastSni.Backends;
using FastSni.Config;

namespace FastSni.Http;

/// <summary>A snapshot made ready for requests: for every section with an HTTP backend the route there.</summary>
public sealed class HttpPlan
{
    private readonly Dictionary<string, Listener> _listeners;
    private readonly HttpRoute?[] _routes;

    public HttpPlan(Snapshot snapshot, BackendPools pools)
    {
        Snapshot = snapshot;
        _listeners = snapshot.Listeners.ToDictionary(listener => listener.Name, StringComparer.OrdinalIgnoreCase);
        _routes = [.. snapshot.Sections.Select(section => HttpRoute.Create(section, pools))];
    }

    public Snapshot Snapshot { get; }

    /// <summary>Where requests of a section go; null for a passthrough section without `http-backend`.</summary>
    /// <param name="section">Of this plan's snapshot.</param>
    public HttpRoute? RouteOf(RouteSection section) => _routes[section.Index];

    /// <summary>The listener of the same name in this plan, else the one given: its connections outlive it.</summary>
    public Listener ListenerOf(Listener listener) => _listeners.GetValueOrDefault(listener.Name, listener);

    /// <summary>False for a listener that a reload has removed: what its table and its actions lead to are sections of an older snapshot.</summary>
    public bool Has(Listener listener) => _listeners.TryGetValue(listener.Name, out Listener? present) && ReferenceEquals(present, listener);

    /// <summary>Places in <see cref="Snapshot.Sections"/> of all that have the host by name on a listener; empty: nobody has it.</summary>
    /// <param name="listener">Of this plan.</param>
    /// <param name="host">In canonical form: ASCII.</param>
    public static ImmutableArray<int> FindAll(Listener listener, string host)
    {
        Span<byte> name = stackalloc byte[HostHeader.BytesMax];
        return listener.Names.FindAll(name[..Encoding.ASCII.GetBytes(host, name)]);
    }
}

/// <summary>The plan in force: written by a reload, read once by every request.</summary>
public sealed class HttpPlanHolder(HttpPlan first)
{
    private volatile HttpPlan _current = first;

    public HttpPlan Current
    {
        get => _current;
        set => _current = value;
    }
}
