using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>Who is banned, as the loop asks at every accept.</summary>
public sealed class BanTable
{
    /// <summary>The end of a ban that has none.</summary>
    internal const long Never = long.MaxValue;

    private readonly Dictionary<IpEndpoint, long> _ends = [];

    /// <summary>From any thread; does not allocate and takes no lock.</summary>
    public bool IsBanned(IpEndpoint client) => _ends.ContainsKey(client.WithPort(0));

    internal void Set(AddressPrefix prefix, long end) => _ends[prefix.First] = end;
}
