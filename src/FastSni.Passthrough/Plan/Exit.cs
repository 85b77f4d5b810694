using FastSni.Backends;
using FastSni.Config;

namespace FastSni.Passthrough;

/// <summary>The door a client leaves the hello by: to a server, over to the offload room, or out.</summary>
/// <param name="Route">Where to forward to; null for the other doors.</param>
/// <param name="IsHandoff">Over to the offload room.</param>
/// <param name="Section">Of a hand-off: the section it is for; null = the default site.</param>
internal sealed record Exit(Route? Route, bool IsHandoff, OffloadSection? Section)
{
    internal static Exit Refuse { get; } = new(null, false, null);

    private static readonly Exit DefaultSite = new(null, true, null);

    internal static Exit To(RouteSection section, BackendPools pools) => section switch
    {
        PassthroughSection passthrough => new Exit(new Route(section.Label, passthrough.Backend, pools[passthrough.Backend]), false, null),
        _ => new Exit(null, true, (OffloadSection)section),
    };

    internal static Exit Of(RouteAction action, IReadOnlyList<Exit> sections) =>
        action.Section is { } section ? sections[section.Index] : action.IsOffload ? DefaultSite : Refuse;
}
