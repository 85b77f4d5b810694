using FastSni.Wire;

namespace FastSni.Operations;

/// <summary>The ban list, as the control socket and the admin address change it.</summary>
public interface IBanControl
{
    /// <summary>Bans, and closes what the banned client has open. A prefix that is banned already gets the new time and reason.</summary>
    /// <param name="duration">null = until it is taken back.</param>
    /// <returns>Why not (protected addresses, a full list), fit for an operator, or the number of sessions that were closed.</returns>
    Task<BanAnswer> BanAsync(AddressPrefix prefix, TimeSpan? duration, string reason);

    /// <returns>Why not (there is no such entry, it stands in the file), or null.</returns>
    Task<string?> UnbanAsync(AddressPrefix prefix);

    /// <summary>Everything banned now, the file's entries behind the others.</summary>
    IReadOnlyList<BanEntry> Bans();
}

/// <param name="Error">null: it is banned.</param>
/// <param name="IsForNow">The error is an upgrade's: the successor will take the ban.</param>
public readonly record struct BanAnswer(string? Error, int SessionsClosed, bool IsForNow = false);

/// <summary>A ban as commands and the admin address show it.</summary>
/// <param name="Address">`192.0.2.1` or `10.0.0.0/8`.</param>
/// <param name="Until">null = until it is taken back.</param>
public sealed record BanEntry(string Address, string Reason, DateTimeOffset Since, DateTimeOffset? Until, bool IsFromFile);
