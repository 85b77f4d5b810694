using System.Buffers.Binary;
using System.Buffers.Text;

namespace FastSni.Wire;

/// <summary>
/// Reads addresses without allocating, and strictly: .NET's own reader takes `10.1`, octal octets, brackets and zones too, and what two
/// readers take for different addresses lets a client choose its own.
/// </summary>
internal static partial class IpText
{
    private const int V4Bytes = 4;
    private const int V6Bytes = 16;
    private const int HexDigitsMax = 4;

    /// <summary>Reads an address of the family whose size <paramref name="address"/> has, 4 or 16 bytes; false leaves it half written.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> text, Span<byte> address) =>
        address.Length == V4Bytes ? TryReadV4(text, address) : TryReadV6(text, address);

    /// <summary>Decimal digits alone, without leading zeroes.</summary>
    internal static bool TryReadDecimal(ReadOnlySpan<byte> text, int max, out int value)
    {
        value = 0;
        bool isPlain = text is [(byte)'0'] or [>= (byte)'1' and <= (byte)'9', ..];
        return isPlain && Utf8Parser.TryParse(text, out value, out int read) && read == text.Length && value <= max;
    }

    private static bool TryReadV4(ReadOnlySpan<byte> text, Span<byte> address)
    {
        var reader = new ByteReader(text);
        for (int octet = 0; octet < V4Bytes; octet++)
        {
            bool isLast = octet == V4Bytes - 1;
            ReadOnlySpan<byte> digits = isLast ? reader.ReadRest() : default;
            if (!isLast && !reader.TryReadTo((byte)'.', out digits) || !TryReadDecimal(digits, byte.MaxValue, out int value))
                return false;
            address[octet] = (byte)value;
        }
        return true;
    }

    /// <summary>RFC 4291 2.2: eight groups of one to four digits; `::` once, for one group of zeroes or more; IPv4 notation at the end.</summary>
    private static bool TryReadV6(ReadOnlySpan<byte> text, Span<byte> address)
    {
        int gap = text.IndexOf("::"u8);
        if (gap < 0)
            return TryReadGroups(text, address, out int all) && all == V6Bytes;
        Span<byte> behind = stackalloc byte[V6Bytes];
        ReadOnlySpan<byte> before = text[..gap];
        if (before.Contains((byte)'.') || !TryReadSide(before, address, out int beforeBytes) || !TryReadSide(text[(gap + 2)..], behind, out int behindBytes)
            || beforeBytes + behindBytes > V6Bytes - 2)
            return false;
        address[beforeBytes..^behindBytes].Clear();
        behind[..behindBytes].CopyTo(address[^behindBytes..]);
        return true;
    }

    /// <summary>One side of `::`, which may be empty.</summary>
    private static bool TryReadSide(ReadOnlySpan<byte> text, Span<byte> address, out int written)
    {
        written = 0;
        return text.IsEmpty || TryReadGroups(text, address, out written);
    }

    private static bool TryReadGroups(ReadOnlySpan<byte> text, Span<byte> address, out int written)
    {
        written = 0;
        var reader = new ByteReader(text);
        while (reader.TryReadTo((byte)':', out ReadOnlySpan<byte> group))
        {
            if (!TryReadGroup(group, address[written..]))
                return false;
            written += sizeof(ushort);
        }
        ReadOnlySpan<byte> last = reader.ReadRest();
        Span<byte> free = address[written..];
        bool isV4 = last.Contains((byte)'.');
        written += isV4 ? V4Bytes : sizeof(ushort);
        return isV4 ? free.Length >= V4Bytes && TryReadV4(last, free) : TryReadGroup(last, free);
    }

    private static bool TryReadGroup(ReadOnlySpan<byte> digits, Span<byte> target) =>
        digits.Length is > 0 and <= HexDigitsMax
        && Utf8Parser.TryParse(digits, out ushort value, out int read, 'x') && read == digits.Length
        && BinaryPrimitives.TryWriteUInt16BigEndian(target, value);
}
