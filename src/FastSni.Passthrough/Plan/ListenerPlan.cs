using System.Collections.Immutable;
using FastSni.Config;

namespace FastSni.Passthrough;

/// <summary>What a worker does with the clients of one listener.</summary>
internal sealed class ListenerPlan(Listener listener, WorkerSettings settings, ImmutableArray<Route> routes, Route? tcp)
{
    internal string Name { get; } = listener.Name;

    internal WorkerSettings Settings { get; } = settings;

    /// <summary>Set for a tcp listener: no hello is waited for.</summary>
    internal Route? Tcp { get; } = tcp;

    /// <summary>null = refuse.</summary>
    internal Route? NoName { get; } = Of(listener.NoName, routes);

    /// <summary>null = refuse.</summary>
    internal Route? NotTls { get; } = Of(listener.NotTls, routes);

    private readonly Route? _unknownName = Of(listener.UnknownName, routes);

    /// <summary>The most specific route of a name; null = refuse.</summary>
    internal Route? Find(ReadOnlySpan<byte> serverName) => listener.Names.Find(serverName) is >= 0 and int index ? routes[index] : _unknownName;

    private static Route? Of(RouteAction action, ImmutableArray<Route> routes) => action.Section is { } section ? routes[section.Index] : null;
}
