namespace FastSni.Telemetry;

/// <summary>
/// A bounded queue of records from one worker to the one log writer. The worker never waits: a full ring drops the new record and counts it.
/// One thread calls <see cref="TryReserve"/> and <see cref="Publish"/>, one other thread calls <see cref="TryRead"/>; several producers take turns in a
/// <see cref="SharedRing{T}"/>.
/// </summary>
/// <typeparam name="T"><see cref="SessionRecord"/> or <see cref="RequestRecord"/>.</typeparam>
public sealed class RecordRing<T> where T : struct
{
    private readonly T[] _slots;
    private readonly Action _wakeReader;
    private int _written;           // Slots ever published; only the producer writes it.
    private int _read;              // Slots ever consumed; only the consumer writes it.
    private int _readerAsleep;
    private long _dropped;

    /// <param name="capacity">Records; a power of two.</param>
    /// <param name="wakeReader">Called by the producer at most once per sleep of the reader; must not block.</param>
    public RecordRing(int capacity, Action wakeReader)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(capacity & (capacity - 1), 0);
        (_slots, _wakeReader) = (new T[capacity], wakeReader);
    }

    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>The next free slot to fill, or false (counted) when the reader is a whole ring behind.</summary>
    public bool TryReserve(out Span<T> slot)
    {
        slot = default;
        if (_written - Volatile.Read(ref _read) == _slots.Length)
        {
            Interlocked.Increment(ref _dropped);
            return false;
        }
        slot = _slots.AsSpan(_written & (_slots.Length - 1), 1);
        return true;
    }

    public void Publish()
    {
        Volatile.Write(ref _written, _written + 1);
        // The fence keeps the write above from moving past the look at the reader's flag: one of both sides sees the other.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _readerAsleep) != 0 && Interlocked.Exchange(ref _readerAsleep, 0) != 0)
            _wakeReader();
    }

    /// <summary>The oldest record, to be released by <see cref="Release"/> once used.</summary>
    public bool TryRead(out ReadOnlySpan<T> slot)
    {
        slot = default;
        if (_read == Volatile.Read(ref _written))
            return false;
        slot = _slots.AsSpan(_read & (_slots.Length - 1), 1);
        return true;
    }

    /// <summary>Gives the slot back, emptied: an idle ring keeps no text alive.</summary>
    public void Release()
    {
        _slots[_read & (_slots.Length - 1)] = default;
        Volatile.Write(ref _read, _read + 1);
    }

    /// <summary>Announces that the reader is about to sleep; false if a record came in the meantime, and the reader must look again.</summary>
    public bool TrySleep()
    {
        Volatile.Write(ref _readerAsleep, 1);
        Interlocked.MemoryBarrier();
        if (_read == Volatile.Read(ref _written))
            return true;
        Volatile.Write(ref _readerAsleep, 0);
        return false;
    }
}
