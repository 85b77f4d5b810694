using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>A ban by command, as it is held in memory.</summary>
/// <param name="End">A timestamp of the clock, which no step of the wall clock moves, or <see cref="BanTable.Never"/>.</param>
/// <param name="Order">Higher is newer.</param>
internal sealed record HeldBan(AddressPrefix Prefix, string Reason, DateTimeOffset Since, long End, long Order);
