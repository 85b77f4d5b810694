using System.Collections.Immutable;
using FastSni.Backends;
using FastSni.Config;

namespace FastSni.Passthrough;

/// <summary>A snapshot made ready for the workers: routes with their live servers, and a plan for every listener.</summary>
internal sealed class RoutingPlan
{
    private RoutingPlan(ImmutableArray<(Listener Config, ListenerPlan Plan)> listeners, ImmutableArray<ServerPool> pools) => (Listeners, Pools) = (listeners, pools);

    internal static RoutingPlan Empty { get; } = new([], []);

    internal ImmutableArray<(Listener Config, ListenerPlan Plan)> Listeners { get; }

    internal ImmutableArray<ServerPool> Pools { get; }

    internal static RoutingPlan Create(Snapshot snapshot, ServerRegistry servers, int maxSessions)
    {
        WorkerSettings settings = new(snapshot.Gateway, maxSessions);
        Listener[] tcp = [.. snapshot.Listeners.Where(listener => listener.Backend is not null)];
        ImmutableArray<ServerPool> pools = servers.Build(
            [.. snapshot.Passthroughs.Select(section => section.Backend), .. tcp.Select(listener => listener.Backend!)]);
        ImmutableArray<Route> routes = [.. snapshot.Passthroughs.Select((section, i) => new Route(section.Label, section.Backend, pools[i]))];
        return new([.. snapshot.Listeners.Select(listener => (listener, Plan(listener)))], pools);

        ListenerPlan Plan(Listener listener)
        {
            Route? forward = listener.Backend is null ? null
                : new Route("listen:" + listener.Name, listener.Backend, pools[routes.Length + Array.IndexOf(tcp, listener)]);
            return new ListenerPlan(listener, settings, routes, forward);
        }
    }
}
