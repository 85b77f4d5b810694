using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>
/// Hashes with .NET's secret seed, four bytes at a time. A record's own hash can be made to collide, and who has an IPv6 prefix chooses the addresses
/// that get banned.
/// </summary>
internal sealed class PrefixComparer : IEqualityComparer<AddressPrefix>
{
    internal static PrefixComparer Instance { get; } = new();

    public bool Equals(AddressPrefix x, AddressPrefix y) => x == y;

    public int GetHashCode([DisallowNull] AddressPrefix obj)
    {
        Span<byte> address = stackalloc byte[16];
        obj.First.CopyAsV6(address);
        return HashCode.Combine(
            BinaryPrimitives.ReadInt32BigEndian(address), BinaryPrimitives.ReadInt32BigEndian(address[4..]),
            BinaryPrimitives.ReadInt32BigEndian(address[8..]), BinaryPrimitives.ReadInt32BigEndian(address[12..]), obj.Bits, obj.First.IsV4);
    }
}
