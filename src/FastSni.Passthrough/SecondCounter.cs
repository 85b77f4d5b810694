namespace FastSni.Passthrough;

/// <summary>
/// Counts what happens in a second, without a timer: the first count of a new second puts the one before aside. One thread counts, any may read.
/// </summary>
internal sealed class SecondCounter
{
    private const int CountBits = 32;

    // Each the second in its upper half and the count in the lower, so that a reader never sees one without the other.
    private long _current, _before;

    internal void Count(Instant now)
    {
        long second = SecondOf(now);
        if (_current >> CountBits != second)
        {
            Volatile.Write(ref _before, _current);
            Volatile.Write(ref _current, second << CountBits);
        }
        Volatile.Write(ref _current, _current + 1);
    }

    /// <summary>What was counted in the whole second before the present one.</summary>
    internal long LastSecond(Instant now)
    {
        long wanted = SecondOf(now) - 1;
        long current = Volatile.Read(ref _current);     // First: where it is a new second, the other is already the last.
        long before = Volatile.Read(ref _before);
        return current >> CountBits == wanted ? (uint)current : before >> CountBits == wanted ? (uint)before : 0;
    }

    private static long SecondOf(Instant now) => now.Micros / 1_000_000;
}
