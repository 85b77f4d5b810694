using System.Collections.Immutable;

namespace FastSni.Config;

/// <summary>One whole valid configuration, frozen. A session keeps the snapshot it was born with; a reload makes another.</summary>
public sealed record Snapshot
{
    public required GatewayOptions Gateway { get; init; }
    public required ImmutableArray<Listener> Listeners { get; init; }
    public required ImmutableArray<PassthroughSection> Passthroughs { get; init; }
    /// <summary>Accepted and kept; nothing opens it yet.</summary>
    public required string AdminSocket { get; init; }
    /// <summary>The files this was read from, in order: the main file, conf.d, then names-files.</summary>
    public ImmutableArray<string> Files { get; init; } = [];
    /// <summary>What an operator should know but need not mend, each as `FILE:LINE: [section] key: sentence`.</summary>
    public required ImmutableArray<string> Warnings { get; init; }
}
