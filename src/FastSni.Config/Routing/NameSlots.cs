using System.Numerics;
using System.Text;
using FastSni.Config.Names;

namespace FastSni.Config.Routing;

/// <summary>
/// A hash table over entries of a store: open addressing, linear probing, four bytes a slot. A slot is an entry's offset; the
/// bits that no offset needs keep part of the entry's hash, so that another name's slot is nearly always passed over without
/// touching the name: in a large table both lie in memory far from the processor.
/// </summary>
internal sealed class NameSlots
{
    /// <summary>A name of 253 bytes has at most 127 labels.</summary>
    public const int LabelsMax = 127;

    private readonly NameStore _names;
    private readonly uint[] _slots;
    private readonly int _indexShift;
    private readonly int _offsetBits;
    private readonly uint _offsetMask;

    /// <param name="countMax">At most so many entries will be added; the store is complete.</param>
    public NameSlots(NameStore names, int countMax)
    {
        _names = names;
        // At most three quarters full; two slots at least, for a shift by 32 would be one by 0.
        uint slots = BitOperations.RoundUpToPowerOf2(Math.Max(2, (uint)(countMax + (countMax / 3) + 1)));
        _slots = new uint[slots];
        _indexShift = 32 - BitOperations.Log2(slots);
        _offsetBits = 32 - BitOperations.LeadingZeroCount(names.End);
        _offsetMask = uint.MaxValue >> (32 - _offsetBits);
    }

    public int Count { get; private set; }

    /// <summary>By a number of labels: whether any suffix has so many; `.example.org` has two.</summary>
    public bool[] HasSuffixOf { get; } = new bool[LabelsMax + 1];

    /// <summary>The entry with this name in any case, or 0.</summary>
    public uint Find(uint hash, ReadOnlySpan<byte> name) => SlotOf(hash, name) & _offsetMask;

    /// <summary>The entry that has this entry's name already, or 0 where it was added.</summary>
    public uint FindOrAdd(uint entry)
    {
        ReadOnlySpan<byte> name = _names.NameOf(entry);
        uint hash = NameHash.Of(name);
        ref uint slot = ref SlotOf(hash, name);
        if (slot != 0)
            return slot & _offsetMask;
        slot = entry | TagOf(hash);
        if (name[0] == '.')
            HasSuffixOf[name.Count((byte)'.')] = true;
        Count++;
        return 0;
    }

    /// <summary>The slot of this name, or the free one where it belongs.</summary>
    private ref uint SlotOf(uint hash, ReadOnlySpan<byte> name)
    {
        uint tag = TagOf(hash);
        for (uint i = hash >> _indexShift; ; i = (i + 1) & (uint)(_slots.Length - 1))
        {
            ref uint slot = ref _slots[i];
            if (slot == 0 || ((slot & ~_offsetMask) == tag && Ascii.EqualsIgnoreCase(_names.NameOf(slot & _offsetMask), name)))
                return ref slot;
        }
    }

    /// <summary>The hash's low bits, for its high bits choose the slot.</summary>
    private uint TagOf(uint hash) => BitOperations.RotateLeft(hash, _offsetBits) & ~_offsetMask;
}
