using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>Who is banned, as the loop asks at every accept.</summary>
public sealed class BanTable
{
    private readonly HashSet<IpEndpoint> _addresses = [];

    /// <summary>From any thread; does not allocate and takes no lock.</summary>
    public bool IsBanned(IpEndpoint client) => _addresses.Contains(client.WithPort(0));
}
