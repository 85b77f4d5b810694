using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>The prefixes of one family: a table for each length in use. One thread changes them, any thread reads.</summary>
/// <param name="bitsMax">Of an address.</param>
internal sealed class PrefixFamily(int bitsMax)
{
    private readonly PrefixSlots?[] _byLength = new PrefixSlots?[bitsMax + 1];
    private volatile PrefixSlots[] _inUse = [];

    /// <summary>The longest first: most bans are of one address.</summary>
    internal ReadOnlySpan<PrefixSlots> InUse => _inUse;

    internal void Set(AddressPrefix prefix, long end)
    {
        bool isNew = _byLength[prefix.Bits] is null;
        PrefixSlots slots = _byLength[prefix.Bits] ??= new PrefixSlots(MaskOf(prefix.Bits));
        slots.Set(AddressSet.NumberOf(prefix.First), end);
        if (isNew)
            Publish();
    }

    internal void Remove(AddressPrefix prefix)
    {
        if (_byLength[prefix.Bits] is not { } slots)
            return;
        slots.Remove(AddressSet.NumberOf(prefix.First));
        if (slots.Count > 0)
            return;
        _byLength[prefix.Bits] = null;
        Publish();
    }

    private void Publish() => _inUse = [.. _byLength.OfType<PrefixSlots>().Reverse()];

    // Bits above the address are zero in every number, so it does no harm that they are set here. A shift by all bits would be one by 0.
    private UInt128 MaskOf(int bits) => bits == 0 ? 0 : UInt128.MaxValue << (bitsMax - bits);
}
