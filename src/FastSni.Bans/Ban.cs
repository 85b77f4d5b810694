using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>One entry of the ban list.</summary>
/// <param name="Until">null = until somebody takes it back.</param>
/// <param name="IsFromFile">It stands in `[bans] file`, and only an edit there takes it back.</param>
public sealed record Ban(AddressPrefix Prefix, string Reason, DateTimeOffset Since, DateTimeOffset? Until, bool IsFromFile);
