using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FastSni.Wire;

/// <summary>
/// An IP address and a port as a value of 24 bytes: what a session keeps of its peers without allocating.
/// A v4-mapped IPv6 address (::ffff:a.b.c.d) is IPv4 here, so that no log line and no PROXY header ever shows the mapping.
/// </summary>
public readonly record struct IpEndpoint
{
    /// <summary>`[`, an IPv6 address, `]:` and a port.</summary>
    public const int TextBytesMax = 1 + IpText.V6BytesMax + 2 + 5;

    private readonly ulong _high;      // IPv6: the first 8 bytes, big-endian.
    private readonly ulong _low;       // IPv6: the last 8 bytes; IPv4: the address in the lower 32 bits.
    private readonly byte _version;    // 4, 6, or 0 for "no address".

    private IpEndpoint(ulong high, ulong low, byte version, ushort port) => (_high, _low, _version, Port) = (high, low, version, port);

    public ushort Port { get; }

    public bool IsNone => _version == 0;
    public bool IsV4 => _version == 4;
    public bool IsV6 => _version == 6;

    /// <summary>Bytes of the address on the wire: 4, 16, or 0 for none.</summary>
    public int AddressBytes => _version switch { 4 => 4, 6 => 16, _ => 0 };

    /// <param name="address">4 or 16 bytes, network order.</param>
    public static IpEndpoint Create(ReadOnlySpan<byte> address, ushort port)
    {
        if (address.Length == 4)
            return new(0, BinaryPrimitives.ReadUInt32BigEndian(address), 4, port);
        ulong high = BinaryPrimitives.ReadUInt64BigEndian(address);
        ulong low = BinaryPrimitives.ReadUInt64BigEndian(address[8..]);
        return high == 0 && low >> 32 == 0xFFFF ? new(0, (uint)low, 4, port) : new(high, low, 6, port);
    }

    public static IpEndpoint Create(IPAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int written);
        return Create(bytes[..written], (ushort)port);
    }

    /// <summary>The same address with another port.</summary>
    public IpEndpoint WithPort(int port) => new(_high, _low, _version, (ushort)port);

    /// <summary>What limits and balancing count as one client: the IPv4 address, or the IPv6 /64. The port is 0.</summary>
    public IpEndpoint ClientKey => new(_high, IsV4 ? _low : 0, _version, 0);

    /// <summary>The address with all but its first bits zero; the port is 0.</summary>
    /// <param name="bits">0 to 32 for IPv4, 0 to 128 for IPv6.</param>
    public IpEndpoint Masked(int bits) => IsV4
        ? new(0, _low & KeepHighest(bits + 32), _version, 0)
        : new(_high & KeepHighest(bits), _low & KeepHighest(bits - 64), _version, 0);

    /// <summary>Writes the address, network order; returns <see cref="AddressBytes"/>.</summary>
    public int CopyAddress(Span<byte> target)
    {
        if (IsV4)
            BinaryPrimitives.WriteUInt32BigEndian(target, (uint)_low);
        else if (IsV6)
        {
            BinaryPrimitives.WriteUInt64BigEndian(target, _high);
            BinaryPrimitives.WriteUInt64BigEndian(target[8..], _low);
        }
        return AddressBytes;
    }

    /// <summary>The address in its IPv6 form, an IPv4 address v4-mapped: what a header of mixed families needs (16 bytes).</summary>
    public void CopyAsV6(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, _high);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], IsV4 ? 0xFFFF_0000_0000UL | _low : _low);
    }

    /// <summary>Allocates; not for the loop.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        return IsNone ? IPAddress.None : new IPAddress(bytes[..CopyAddress(bytes)]);
    }

    /// <summary>Writes `192.0.2.1`, `2001:db8::7` (RFC 5952) or `-` as ASCII; at most <see cref="TextBytesMax"/> bytes. False: no room.</summary>
    public bool TryFormatAddress(Span<byte> target, out int written)
    {
        var text = new ByteWriter(stackalloc byte[TextBytesMax]);
        WriteAddress(ref text);
        return text.TryCopyTo(target, out written);
    }

    /// <summary>Writes what <see cref="ToString"/> returns as ASCII; at most <see cref="TextBytesMax"/> bytes. False: no room.</summary>
    public bool TryFormat(Span<byte> utf8, out int written)
    {
        var text = new ByteWriter(stackalloc byte[TextBytesMax]);
        if (IsV6)
            text.WriteByte((byte)'[');
        WriteAddress(ref text);
        if (IsV6)
            text.WriteByte((byte)']');
        if (!IsNone)
        {
            text.WriteByte((byte)':');
            text.WriteDecimal(Port);
        }
        return text.TryCopyTo(utf8, out written);
    }

    /// <summary>`192.0.2.1:443`, `[2001:db8::7]:443`, or `-` for none.</summary>
    public override string ToString()
    {
        Span<byte> text = stackalloc byte[TextBytesMax];
        TryFormat(text, out int written);
        return Encoding.ASCII.GetString(text[..written]);
    }

    // A shift by 64 would be one by 0.
    private static ulong KeepHighest(int bits) => bits <= 0 ? 0 : ulong.MaxValue << (64 - Math.Min(bits, 64));

    internal void WriteAddress(ref ByteWriter writer)
    {
        if (IsV6)
            IpText.WriteV6(ref writer, _high, _low);
        else if (IsV4)
            IpText.WriteV4(ref writer, (uint)_low);
        else
            writer.WriteByte((byte)'-');
    }

    /// <summary>Reads what <see cref="ToString"/> writes; the port may not be left out.</summary>
    public static bool TryParse(string text, out IpEndpoint endpoint)
    {
        endpoint = default;
        if (!IPEndPoint.TryParse(text, out IPEndPoint? parsed) || !text.Contains(':', StringComparison.Ordinal)
            || parsed.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
            return false;
        endpoint = Create(parsed.Address, parsed.Port);
        return true;
    }
}
