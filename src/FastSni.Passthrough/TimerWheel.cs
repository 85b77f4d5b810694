using System.Numerics;

namespace FastSni.Passthrough;

/// <summary>
/// Deadlines of a worker's session slots: a hierarchical timing wheel (Varghese and Lauck, 1987). Scheduling, moving and cancelling are O(1) and never
/// allocate in steady state; with nothing due soon the worker sleeps without a wake-up. Deadlines fire up to one tick late, never early.
/// </summary>
internal sealed class TimerWheel(Instant start)
{
    private const int TickShift = 14;       // One tick is 16.384 ms.
    private const int LevelBits = 6, LevelSlots = 1 << LevelBits, LevelMask = LevelSlots - 1;
    private const int Levels = 4;           // 64^4 ticks: 76 hours. What lies beyond is placed at the horizon and looked at again there.
    private const long HorizonTicks = (1L << (LevelBits * Levels)) - 1;
    private const int None = -1;

    private readonly int[] _heads = CreateHeads();
    private readonly ulong[] _occupied = new ulong[Levels];
    private readonly SlotChunks<Entry> _entries = new();
    private long _tick = start.Micros >> TickShift;

    private struct Entry
    {
        internal uint DueBits;  // The lower half of the tick: no entry is further off than the horizon.
        internal int Next, Previous;
        internal short Bucket;  // Level * 64 + position, or None.
    }

    /// <summary>Makes room for the slot.</summary>
    internal void GrowTo(int slot)
    {
        int old = _entries.Capacity;
        _entries.GrowTo(slot);
        for (int added = old; added < _entries.Capacity; added++)
            _entries[added].Bucket = None;
    }

    /// <summary>Sees to it that the slot expires no later than <paramref name="due"/>. One that already expires earlier is left alone: its owner looks at the true deadline then.</summary>
    internal void Schedule(int slot, Instant due)
    {
        ref Entry entry = ref _entries[slot];
        long dueTick = Math.Clamp((due.Micros >> TickShift) + 1, _tick + 1, _tick + HorizonTicks);
        if (entry.Bucket != None)
        {
            if (DueTickOf(entry) <= dueTick)
                return;
            Unlink(slot);
        }
        entry.DueBits = (uint)dueTick;
        Link(slot);
    }

    internal void Cancel(int slot)
    {
        if (_entries[slot].Bucket != None)
            Unlink(slot);
    }

    /// <summary>Takes the next slot whose time has come off the wheel.</summary>
    internal bool TryExpire(Instant now, out int slot)
    {
        long nowTick = now.Micros >> TickShift;
        while (true)
        {
            slot = _heads[_tick & LevelMask];
            if (slot != None)
            {
                Unlink(slot);
                return true;
            }
            long next = NextTick();
            if (next > nowTick)
            {
                _tick = Math.Max(_tick, nowTick);   // Nothing lies between: the jump skips only empty buckets.
                return false;
            }
            _tick = next;
            Cascade();
        }
    }

    /// <summary>How long epoll_wait may sleep; −1 without end.</summary>
    internal int TimeoutMilliseconds(Instant now)
    {
        long next = NextTick();
        if (next == long.MaxValue)
            return -1;
        long micros = Math.Max(0, (next << TickShift) - now.Micros);
        return (int)Math.Min(int.MaxValue, (micros + 999) / 1000);
    }

    // The first tick at which a bucket must be looked at: to expire on level 0, to be dealt out to lower levels above.
    private long NextTick()
    {
        long next = long.MaxValue;
        for (int level = 0; level < Levels; level++)
        {
            if (_occupied[level] == 0)
                continue;
            int shift = level * LevelBits;
            long position = _tick >> shift;
            // The bit right after the current position becomes bit 0, so that trailing zeros count buckets to go.
            ulong ahead = BitOperations.RotateRight(_occupied[level], (int)((position + 1) & LevelMask));
            next = Math.Min(next, (position + 1 + BitOperations.TrailingZeroCount(ahead)) << shift);
        }
        return next;
    }

    private void Cascade()
    {
        for (int level = Levels - 1; level > 0; level--)
        {
            int shift = level * LevelBits;
            if ((_tick & ((1L << shift) - 1)) != 0)
                continue;
            int bucket = level * LevelSlots + (int)((_tick >> shift) & LevelMask);
            while (_heads[bucket] is not None and int slot)
            {
                Unlink(slot);
                Link(slot);
            }
        }
    }

    private long DueTickOf(in Entry entry) => _tick + (int)(entry.DueBits - (uint)_tick);

    private void Link(int slot)
    {
        ref Entry entry = ref _entries[slot];
        long dueTick = DueTickOf(entry), delta = dueTick - _tick;
        int level = delta < LevelSlots ? 0 : BitOperations.Log2((ulong)delta) / LevelBits;
        int position = (int)((dueTick >> (level * LevelBits)) & LevelMask);
        entry.Bucket = (short)(level * LevelSlots + position);
        entry.Previous = None;
        entry.Next = _heads[entry.Bucket];
        if (entry.Next != None)
            _entries[entry.Next].Previous = slot;
        _heads[entry.Bucket] = slot;
        _occupied[level] |= 1UL << position;
    }

    private void Unlink(int slot)
    {
        ref Entry entry = ref _entries[slot];
        if (entry.Previous != None)
            _entries[entry.Previous].Next = entry.Next;
        else
            _heads[entry.Bucket] = entry.Next;
        if (entry.Next != None)
            _entries[entry.Next].Previous = entry.Previous;
        if (_heads[entry.Bucket] == None)
            _occupied[entry.Bucket / LevelSlots] &= ~(1UL << (entry.Bucket & LevelMask));
        entry.Bucket = None;
    }

    private static int[] CreateHeads()
    {
        var heads = new int[Levels * LevelSlots];
        Array.Fill(heads, None);
        return heads;
    }
}
