using System.Collections.Immutable;
using FastSni.Backends;
using FastSni.Config;

namespace FastSni.Passthrough;

/// <summary>A snapshot made ready for the workers: what every section leads to, with its live servers, and a plan for every listener.</summary>
internal sealed class RoutingPlan
{
    private RoutingPlan(ImmutableArray<(Listener Config, ListenerPlan Plan)> listeners) => Listeners = listeners;

    internal static RoutingPlan Empty { get; } = new([]);

    internal ImmutableArray<(Listener Config, ListenerPlan Plan)> Listeners { get; }

    internal static RoutingPlan Create(Snapshot snapshot, BackendPools pools, int maxSessions)
    {
        WorkerSettings settings = new(snapshot.Gateway, maxSessions);
        ImmutableArray<Exit> exits = [.. snapshot.Sections.Select(section => Exit.To(section, pools))];
        return new([.. snapshot.Listeners.Select(listener => (listener, Plan(listener)))]);

        ListenerPlan Plan(Listener listener)
        {
            Route? forward = listener.Backend is null ? null : new Route("listen:" + listener.Name, listener.Backend, pools[listener.Backend]);
            return new ListenerPlan(listener, settings, exits, forward, snapshot.DefaultSite.Tls);
        }
    }
}
