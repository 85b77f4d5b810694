using System.Collections.Immutable;
using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>What `[bans] file` lists.</summary>
/// <param name="Since">When the file was written.</param>
internal sealed record ListedBans(string? Path, ImmutableArray<AddressPrefix> Prefixes, DateTimeOffset Since)
{
    internal static ListedBans None { get; } = new(null, [], default);
}
