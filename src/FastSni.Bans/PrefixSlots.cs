using System.Numerics;

namespace FastSni.Bans;

/// <summary>
/// The prefixes of one length and their ends: a hash table with open addressing that one thread changes and any thread reads without a lock. A slot's
/// key is written once and for all before the slot's tag shows it, so a reader never meets half of one; a prefix that is taken back keeps
/// its slot, with the end <see cref="Gone"/>, until the table is made anew because it is full.
/// </summary>
/// <param name="mask">Of the length.</param>
internal sealed class PrefixSlots(UInt128 mask)
{
    /// <summary>The end of what is not there.</summary>
    internal const long Gone = long.MinValue;

    // Secret: who has an IPv6 prefix chooses the addresses that get banned, and could choose them to collide.
    private readonly ulong _seedHigh = (ulong)Random.Shared.NextInt64(), _seedLow = (ulong)Random.Shared.NextInt64();
    private volatile Slots _slots = new(16);
    private int _used;

    /// <summary>Prefixes that were not taken back.</summary>
    internal int Count { get; private set; }

    /// <summary>The end of the prefix that an address is in, or <see cref="Gone"/>.</summary>
    internal long EndOf(UInt128 address)
    {
        Slots slots = _slots;
        int slot = Find(slots, address & mask);
        return slot < 0 ? Gone : Volatile.Read(ref slots.Ends[slot]);
    }

    internal void Set(UInt128 prefix, long end)
    {
        int slot = Find(_slots, prefix);
        if (slot < 0 && _used >= _slots.Tags.Length / 2)
        {
            Renew();
            slot = Find(_slots, prefix);
        }
        if (slot < 0)
        {
            Put(_slots, ~slot, prefix, end);
            Count++;
            return;
        }
        if (_slots.Ends[slot] == Gone)
            Count++;
        Volatile.Write(ref _slots.Ends[slot], end);
    }

    internal void Remove(UInt128 prefix)
    {
        int slot = Find(_slots, prefix);
        if (slot < 0 || _slots.Ends[slot] == Gone)
            return;
        Volatile.Write(ref _slots.Ends[slot], Gone);
        Count--;
    }

    private void Renew()
    {
        Slots old = _slots, grown = new((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, (Count + 1) * 4)));
        _used = 0;
        for (int i = 0; i < old.Tags.Length; i++)
        {
            if (old.Tags[i] != 0 && old.Ends[i] != Gone)
                Put(grown, ~Find(grown, old.Keys[i]), old.Keys[i], old.Ends[i]);
        }
        _slots = grown;
    }

    private void Put(Slots slots, int slot, UInt128 prefix, long end)
    {
        (slots.Keys[slot], slots.Ends[slot]) = (prefix, end);
        Volatile.Write(ref slots.Tags[slot], TagOf(HashOf(prefix)));
        _used++;
    }

    /// <returns>The prefix's slot, or the complement of the free one where it belongs; at most half of them are taken.</returns>
    private int Find(Slots slots, UInt128 prefix)
    {
        ulong hash = HashOf(prefix);
        uint tag = TagOf(hash);
        for (int i = (int)hash & (slots.Tags.Length - 1); ; i = (i + 1) & (slots.Tags.Length - 1))
        {
            uint found = Volatile.Read(ref slots.Tags[i]);
            if (found == 0)
                return ~i;
            if (found == tag && slots.Keys[i] == prefix)
                return i;
        }
    }

    private ulong HashOf(UInt128 prefix)
    {
        ulong high = Math.BigMul((ulong)(prefix >> 64) ^ _seedHigh, (ulong)prefix ^ _seedLow, out ulong low);
        return high ^ low;
    }

    // The low bits choose the slot. 0 is a free one.
    private static uint TagOf(ulong hash) => (uint)(hash >> 32) | 1;

    private sealed class Slots(int count)
    {
        internal uint[] Tags { get; } = new uint[count];
        internal UInt128[] Keys { get; } = new UInt128[count];
        internal long[] Ends { get; } = new long[count];
    }
}
