using System.Buffers.Binary;
using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>All addresses of a list of prefixes, frozen.</summary>
internal sealed class AddressSet
{
    private readonly RangeSet<uint> _v4;
    private readonly RangeSet<UInt128> _v6;

    internal AddressSet(IReadOnlyCollection<AddressPrefix> prefixes)
    {
        _v4 = new RangeSet<uint>(prefixes.Where(prefix => prefix.First.IsV4).Select(RangeOfV4));
        _v6 = new RangeSet<UInt128>(prefixes.Where(prefix => prefix.First.IsV6).Select(RangeOfV6));
    }

    internal static AddressSet Empty { get; } = new([]);

    /// <summary>Does not allocate.</summary>
    internal bool Contains(IpEndpoint address) =>
        address.IsV4 ? !_v4.IsEmpty && _v4.Contains(V4(address)) : address.IsV6 && !_v6.IsEmpty && _v6.Contains(V6(address));

    private static (uint First, uint Last) RangeOfV4(AddressPrefix prefix)
    {
        uint first = V4(prefix.First);
        // A shift by all bits would be one by 0.
        return (first, first | (prefix.Bits == 32 ? 0 : uint.MaxValue >> prefix.Bits));
    }

    private static (UInt128 First, UInt128 Last) RangeOfV6(AddressPrefix prefix)
    {
        UInt128 first = V6(prefix.First);
        return (first, first | (prefix.Bits == 128 ? 0 : UInt128.MaxValue >> prefix.Bits));
    }

    private static uint V4(IpEndpoint address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.CopyAddress(bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    private static UInt128 V6(IpEndpoint address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.CopyAddress(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
