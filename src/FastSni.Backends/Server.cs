using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Backends;

/// <summary>
/// One server of a backend list while it is in use: its addresses as last looked up, how many sessions it carries, whether connecting to it
/// worked lately, and what health checks say. Shared by all workers and, over a reload, by the old and the new configuration.
/// </summary>
public sealed class Server
{
    private const int BackoffSecondsMax = 60;
    private const long ClaimMicros = 1_000_000;
    private const int DistantConnects = 63;

    private volatile IpEndpoint[] _addresses;
    private int _active;
    private int _failures;          // In a row; 0 = not marked.
    private long _retryAtMicros;    // While marked: when one session may try again.
    private long _claimedUntilMicros;   // One session is trying.
    private int _downCalls;         // Health checks that call it down.
    private int _distantConnects;   // How many more are taken to need a round trip. Not exact where workers meet, and need not be.

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

    /// <summary>False from a failed connect until a later one works, and while a health check calls the server down.</summary>
    public bool IsUp => !IsMarked && !IsCalledDown;

    /// <summary>A health check says so, and only that check takes it back: no session is sent to find out.</summary>
    internal bool IsCalledDown => Volatile.Read(ref _downCalls) > 0;

    private bool IsMarked => Volatile.Read(ref _failures) > 0;

    /// <summary>As last looked up; empty for a unix socket, and for a name that was never looked up with success. The port is 0 where none was written.</summary>
    public IpEndpoint[] Addresses => _addresses;

    /// <summary>The addresses that can be reached from a source address; all where there is none. Allocates only for a host of both families.</summary>
    public IpEndpoint[] AddressesFrom(IpEndpoint source)
    {
        IpEndpoint[] addresses = _addresses;
        foreach (IpEndpoint address in addresses)
        {
            if (!source.IsNone && address.IsV4 != source.IsV4)
                return OfFamily(addresses, source.IsV4);
        }
        return addresses;
    }

    /// <summary>There is something to connect to.</summary>
    public bool IsReachable => IsUnix || _addresses.Length > 0;

    internal ulong Hash { get; }

    // Apart, since a method with a closure allocates it on every call.
    private static IpEndpoint[] OfFamily(IpEndpoint[] addresses, bool isV4) => Array.FindAll(addresses, address => address.IsV4 == isV4);

    public void Enter() => Interlocked.Increment(ref _active);

    public void Leave() => Interlocked.Decrement(ref _active);

    /// <summary>Marks the server down for 1 s, and for longer with each trial that fails. Sessions that fail together are one failure.</summary>
    /// <returns>True if the server was up before this.</returns>
    public bool RecordFailure(long nowMicros)
    {
        if (IsMarked && nowMicros < Volatile.Read(ref _retryAtMicros))
            return false;
        int failures = Interlocked.Increment(ref _failures);
        long backoffSeconds = Math.Min(BackoffSecondsMax, 1L << Math.Min(failures - 1, 6));
        Volatile.Write(ref _retryAtMicros, nowMicros + backoffSeconds * 1_000_000);
        return failures == 1 && !IsCalledDown;
    }

    /// <summary>A connection did not stand yet when connect returned, nor will those that follow.</summary>
    public void RecordDistance() => _distantConnects = DistantConnects;

    /// <summary>False for a while after <see cref="RecordDistance"/>: writing before the event would be in vain. Asked once for each connection.</summary>
    public bool MayStandAtOnce() => _distantConnects <= 0 || --_distantConnects < 0;

    /// <returns>True if the server was down before this and is up now.</returns>
    public bool RecordSuccess() => IsMarked && Interlocked.Exchange(ref _failures, 0) != 0 && !IsCalledDown;

    /// <summary>One more health check calls the server down; each takes its call back by <see cref="CallUp"/>.</summary>
    /// <returns>True if no other check did.</returns>
    internal bool CallDown() => Interlocked.Increment(ref _downCalls) == 1;

    /// <returns>True if no check calls the server down any more.</returns>
    internal bool CallUp() => Interlocked.Decrement(ref _downCalls) == 0;

    /// <summary>True if the server is not marked, or for long enough that this one session shall find out whether it still is.</summary>
    internal bool MayBeTried(long nowMicros)
    {
        if (!IsMarked)
            return true;
        long claimedUntil = Volatile.Read(ref _claimedUntilMicros);
        // Whoever moves the claim is the one that tries; all others go elsewhere meanwhile.
        return nowMicros >= Volatile.Read(ref _retryAtMicros) && nowMicros >= claimedUntil
            && Interlocked.CompareExchange(ref _claimedUntilMicros, nowMicros + ClaimMicros, claimedUntil) == claimedUntil;
    }

    /// <summary>Takes a new answer of the look-up. An empty one is no answer: the last good one stays.</summary>
    /// <returns>True if the addresses changed.</returns>
    internal bool SetAddresses(IpEndpoint[] addresses)
    {
        // The same addresses in another order are no news: many resolvers rotate them.
        if (addresses.Length == 0 || addresses.ToHashSet().SetEquals(_addresses))
            return false;
        _addresses = addresses;
        return true;
    }
}
