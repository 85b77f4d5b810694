using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>Who is banned, as the loop asks at every accept.</summary>
/// <remarks>
/// Bans by command are a hash table for each prefix length in use: one ban costs one insertion, however many there are, and the short lengths
/// have small tables that stay in the cache. (One ConcurrentDictionary for all of them cost 2 to 5 µs at 100,000: every length a cache miss or two.)
/// The list of the file comes as a whole, so it is sorted ranges: small, and the lengths in it cost nothing. Protected addresses win
/// over both, so that nothing in either can lock them out.
/// </remarks>
public sealed class BanTable
{
    /// <summary>The end of a ban that has none.</summary>
    internal const long Never = long.MaxValue;

    private readonly TimeProvider _time;
    private readonly PrefixFamily _v4 = new(32);
    private readonly PrefixFamily _v6 = new(128);
    private volatile AddressSet _listed = AddressSet.Empty;
    private volatile AddressSet _protected = AddressSet.Empty;

    /// <summary>Nobody is banned.</summary>
    public BanTable() : this(TimeProvider.System)
    {
    }

    internal BanTable(TimeProvider time) => _time = time;

    /// <summary>From any thread; does not allocate and takes no lock.</summary>
    public bool IsBanned(IpEndpoint client) => (_listed.Contains(client) || IsHeld(client)) && !_protected.Contains(client);

    /// <summary>One writer at a time, for this and all below.</summary>
    /// <param name="end">A timestamp of the clock, or <see cref="Never"/>; from then on the entry does not count.</param>
    internal void Set(AddressPrefix prefix, long end) => FamilyOf(prefix.First).Set(prefix, end);

    internal void Remove(AddressPrefix prefix) => FamilyOf(prefix.First).Remove(prefix);

    /// <summary>What the file lists, in place of what it listed before.</summary>
    internal void List(AddressSet listed) => _listed = listed;

    internal void Protect(AddressSet addresses) => _protected = addresses;

    private bool IsHeld(IpEndpoint client)
    {
        ReadOnlySpan<PrefixSlots> lengths = FamilyOf(client).InUse;
        if (lengths.IsEmpty || client.IsNone)
            return false;
        UInt128 number = AddressSet.NumberOf(client);
        foreach (PrefixSlots slots in lengths)
        {
            long end = slots.EndOf(number);
            if (end == Never || (end != PrefixSlots.Gone && end > _time.GetTimestamp()))
                return true;
        }
        return false;
    }

    private PrefixFamily FamilyOf(IpEndpoint address) => address.IsV4 ? _v4 : _v6;
}
