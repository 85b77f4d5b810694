using System.Collections.Concurrent;
using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>Who is banned, as the loop asks at every accept.</summary>
/// <remarks>
/// Bans by command are a hash table, asked once for each prefix length in use: one ban costs one insertion, however many there are, and
/// .NET's concurrent table is read without a lock. The list of the file comes as a whole, so it is sorted ranges: small, and
/// the lengths in it cost nothing. Protected addresses win over both, so that nothing in either can lock them out.
/// </remarks>
public sealed class BanTable
{
    /// <summary>The end of a ban that has none.</summary>
    internal const long Never = long.MaxValue;

    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<AddressPrefix, long> _ends = new(concurrencyLevel: 1, capacity: 1024, PrefixComparer.Instance);
    private readonly PrefixLengths _v4 = new(32);
    private readonly PrefixLengths _v6 = new(128);
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
    internal void Set(AddressPrefix prefix, long end)
    {
        if (!_ends.ContainsKey(prefix))
            LengthsOf(prefix).Add(prefix.Bits);
        _ends[prefix] = end;
    }

    internal void Remove(AddressPrefix prefix)
    {
        if (_ends.TryRemove(prefix, out _))
            LengthsOf(prefix).Remove(prefix.Bits);
    }

    /// <summary>What the file lists, in place of what it listed before.</summary>
    internal void List(AddressSet listed) => _listed = listed;

    internal void Protect(AddressSet addresses) => _protected = addresses;

    private bool IsHeld(IpEndpoint client)
    {
        foreach (int bits in client.IsV4 ? _v4.InUse : _v6.InUse)
        {
            if (_ends.TryGetValue(new AddressPrefix(client.Masked(bits), bits), out long end) && (end == Never || end > _time.GetTimestamp()))
                return true;
        }
        return false;
    }

    private PrefixLengths LengthsOf(AddressPrefix prefix) => prefix.First.IsV4 ? _v4 : _v6;

    /// <summary>How many entries have which length. A length is in use before its first entry is there, and until its last is gone.</summary>
    private sealed class PrefixLengths(int bitsMax)
    {
        private readonly int[] _counts = new int[bitsMax + 1];
        private volatile int[] _inUse = [];

        internal ReadOnlySpan<int> InUse => _inUse;

        internal void Add(int bits)
        {
            if (_counts[bits]++ == 0)
                Publish();
        }

        internal void Remove(int bits)
        {
            if (--_counts[bits] == 0)
                Publish();
        }

        // The longest first: most bans are of one address.
        private void Publish() => _inUse = [.. Enumerable.Range(0, _counts.Length).Where(bits => _counts[bits] > 0).Reverse()];
    }
}
