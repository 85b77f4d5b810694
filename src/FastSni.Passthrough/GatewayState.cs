using FastSni.Bans;
using FastSni.Handoff;
using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>What all workers share: the counts that limits are measured by, who is banned, and the side door with who went through it.</summary>
/// <param name="workers">How many share it.</param>
/// <param name="pipesMax">Of each.</param>
internal sealed class GatewayState(int workers, int pipesMax, IHandoffRooms rooms, BanTable bans)
{
    private readonly long[] _ended = new long[CloseReasonNames.Count];
    private int _sessions, _pendingHellos;
    private long _memoryRefused;

    internal int Workers { get; } = workers;

    internal int PipesMax { get; } = pipesMax;

    internal IHandoffRooms Rooms { get; } = rooms;

    internal LeaseTable Leases { get; } = new();

    internal BanTable Bans { get; } = bans;

    internal ClientTable Clients { get; } = new();

    internal int Sessions => Volatile.Read(ref _sessions);

    internal int PendingHellos => Volatile.Read(ref _pendingHellos);

    /// <summary>Asked at every accept, by all workers.</summary>
    internal Func<bool> MemoryIsShort { get; set; } = () => false;

    internal bool IsMemoryShort => MemoryIsShort();

    /// <summary>Clients refused because memory was short.</summary>
    internal long MemoryRefused => Volatile.Read(ref _memoryRefused);

    internal bool TryEnter(int sessionsMax)
    {
        if (!IsMemoryShort)
            return TryAdd(ref _sessions, sessionsMax);
        Interlocked.Increment(ref _memoryRefused);
        return false;
    }

    internal void Leave() => Interlocked.Decrement(ref _sessions);

    internal bool TryEnterPending(int pendingMax) => TryAdd(ref _pendingHellos, pendingMax);

    internal void LeavePending() => Interlocked.Decrement(ref _pendingHellos);

    /// <summary>Counts a connection that another room has ended as it was asked to; it was handed off before, and counted as that.</summary>
    internal void CountEnd(CloseReason reason) => Interlocked.Increment(ref _ended[(int)reason]);

    internal long Ended(CloseReason reason) => Volatile.Read(ref _ended[(int)reason]);

    private static bool TryAdd(ref int count, int max)
    {
        if (Interlocked.Increment(ref count) <= max)
            return true;
        Interlocked.Decrement(ref count);
        return false;
    }
}
