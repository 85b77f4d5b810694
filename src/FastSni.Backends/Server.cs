using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Backends;

/// <summary>
/// One server of a backend list while it is in use: its addresses as last looked up, how many sessions it carries, and whether connecting to it
/// worked lately. Shared by all workers and, over a reload, by the old and the new configuration.
/// </summary>
public sealed class Server
{
    private const int BackoffSecondsMax = 60;

    private volatile IpEndpoint[] _addresses;
    private int _active;
    private int _failures;          // In a row; 0 = up.
    private long _retryAtMicros;    // While down: when one session may try again.

    internal Server(ServerAddress config)
    {
        Config = config;
        _addresses = config.Kind == ServerKind.Ip ? [IpEndpoint.Create(System.Net.IPAddress.Parse(config.Host), config.Port ?? 0)] : [];
        Hash = SourceHash.Of(config.Text);
    }

    public ServerAddress Config { get; }

    public bool IsUnix => Config.Kind == ServerKind.Unix;

    /// <summary>Sessions that are connected or connecting.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>False from a failed connect until a later one works.</summary>
    public bool IsUp => Volatile.Read(ref _failures) == 0;

    /// <summary>As last looked up; empty for a unix socket, and for a name that was never looked up with success. The port is 0 where none was written.</summary>
    public IpEndpoint[] Addresses => _addresses;

    /// <summary>There is something to connect to.</summary>
    public bool IsReachable => IsUnix || _addresses.Length > 0;

    internal ulong Hash { get; }

    public void Enter() => Interlocked.Increment(ref _active);

    public void Leave() => Interlocked.Decrement(ref _active);

    /// <returns>True if the server was up before this.</returns>
    public bool RecordFailure(long nowMicros)
    {
        int failures = Interlocked.Increment(ref _failures);
        long backoffSeconds = Math.Min(BackoffSecondsMax, 1L << Math.Min(failures - 1, 6));
        Volatile.Write(ref _retryAtMicros, nowMicros + backoffSeconds * 1_000_000);
        return failures == 1;
    }

    /// <returns>True if the server was down before this.</returns>
    public bool RecordSuccess() => !IsUp && Interlocked.Exchange(ref _failures, 0) != 0;

    /// <summary>True if the server is up, or down for long enough that this one session shall find out whether it still is.</summary>
    internal bool MayBeTried(long nowMicros)
    {
        if (IsUp)
            return true;
        long retryAt = Volatile.Read(ref _retryAtMicros);
        // Whoever moves the mark is the one that tries; all others go elsewhere meanwhile.
        return nowMicros >= retryAt && Interlocked.CompareExchange(ref _retryAtMicros, nowMicros + 1_000_000, retryAt) == retryAt;
    }

    /// <summary>Takes a new answer of the look-up. An empty one is no answer: the last good one stays.</summary>
    /// <returns>True if the addresses changed.</returns>
    internal bool SetAddresses(IpEndpoint[] addresses)
    {
        if (addresses.Length == 0 || addresses.AsSpan().SequenceEqual(_addresses))
            return false;
        _addresses = addresses;
        return true;
    }
}
