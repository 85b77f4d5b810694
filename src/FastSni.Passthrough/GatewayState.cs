using FastSni.Handoff;

namespace FastSni.Passthrough;

/// <summary>What all workers share: the counts that limits are measured by, and the side door.</summary>
/// <param name="workers">How many share it.</param>
internal sealed class GatewayState(int workers, HandoffQueue handoffs)
{
    private int _sessions, _pendingHellos;
    private long _memoryRefused;

    internal int Workers { get; } = workers;

    internal HandoffQueue Handoffs { get; } = handoffs;

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

    private static bool TryAdd(ref int count, int max)
    {
        if (Interlocked.Increment(ref count) <= max)
            return true;
        Interlocked.Decrement(ref count);
        return false;
    }
}
