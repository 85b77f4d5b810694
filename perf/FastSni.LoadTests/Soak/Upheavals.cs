using System.Collections.Concurrent;
using System.Net;

namespace FastSni.LoadTests.Soak;

/// <summary>What we did to the gateway and when, so that a client knows which of its troubles are our doing. Times are milliseconds of one clock.</summary>
internal sealed class Upheavals(TimeSpan drainTimeout)
{
    // A gateway's timers are not ours to the millisecond.
    private const long SlackMilliseconds = 1500;

    private readonly ConcurrentDictionary<IPNetwork, (long From, long Until)> _bans = [];
    private int _reloadsBegun, _reloadsDone;
    private long _upgradeBegun = long.MaxValue, _upgradeDone = long.MaxValue;

    public static long Now => Environment.TickCount64;

    /// <summary>Take it when a connection begins.</summary>
    public int ReloadsDone => Volatile.Read(ref _reloadsDone);

    public void BeginReload() => Interlocked.Increment(ref _reloadsBegun);

    public void EndReload() => Volatile.Write(ref _reloadsDone, Volatile.Read(ref _reloadsBegun));

    /// <summary>Whether the configuration may have changed since a connection began.</summary>
    public bool WasReloadedSince(int reloadsDone) => Volatile.Read(ref _reloadsBegun) > reloadsDone;

    public void BeginUpgrade() => Volatile.Write(ref _upgradeBegun, Now);

    public void EndUpgrade() => Volatile.Write(ref _upgradeDone, Now);

    /// <summary>Whether a session that began then may be with the predecessor, at the end of that one's patience.</summary>
    public bool IsDrained(long began) => IsLeftBehind(began) && Now > Volatile.Read(ref _upgradeBegun) + (long)drainTimeout.TotalMilliseconds - SlackMilliseconds;

    /// <summary>Whether a connection that began then may be with a process that is taking its leave.</summary>
    public bool IsLeftBehind(long began) => Volatile.Read(ref _upgradeBegun) < Now && began <= Volatile.Read(ref _upgradeDone) + SlackMilliseconds;

    public void Ban(IPNetwork network) => _bans[network] = (Now, long.MaxValue);

    public void Unban(IPNetwork network) => _bans[network] = (_bans[network].From, Now + SlackMilliseconds);

    public bool WasBanned(IPAddress address, long began) => _bans.Any(ban => ban.Key.Contains(address) && ban.Value.Until >= began);
}
