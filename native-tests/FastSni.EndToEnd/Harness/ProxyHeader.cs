using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>A PROXY header as a backend reads it (proxy-protocol.txt): strictly, so that what passes here passes anywhere.</summary>
internal sealed record ProxyHeader(
    int Version, string Family, IPEndPoint? Source, IPEndPoint? Destination, byte[] Raw, IReadOnlyDictionary<int, byte[]> Tlvs)
{
    public const int TlvAlpn = 0x01, TlvAuthority = 0x02, TlvCrc32c = 0x03, TlvUniqueId = 0x05;

    private static readonly byte[] Signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>The header at the start of these bytes; null while more is needed.</summary>
    public static ProxyHeader? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("PROXY "u8))
            return ReadV1(bytes);
        if (bytes.Length >= 12 && bytes.StartsWith(Signature))
            return ReadV2(bytes);
        if ("PROXY "u8.StartsWith(bytes[..Math.Min(6, bytes.Length)]) || Signature.AsSpan().StartsWith(bytes[..Math.Min(12, bytes.Length)]))
            return null;
        throw new InvalidDataException($"no PROXY header: {Convert.ToHexString(bytes[..Math.Min(32, bytes.Length)])}");
    }

    private static ProxyHeader? ReadV1(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf("\r\n"u8);
        if (end < 0)
            return null;
        Assert.True(end + 2 <= 107, $"a v1 line of {end + 2} bytes");
        string line = Encoding.ASCII.GetString(bytes[..end]);
        string[] parts = line.Split(' ');
        byte[] raw = bytes[..(end + 2)].ToArray();
        if (parts is ["PROXY", "UNKNOWN"])
            return new(1, "UNKNOWN", null, null, raw, new Dictionary<int, byte[]>());
        Assert.True(parts is ["PROXY", "TCP4" or "TCP6", _, _, _, _], line);
        IPEndPoint source = new(IPAddress.Parse(parts[2]), int.Parse(parts[4], CultureInfo.InvariantCulture));
        IPEndPoint destination = new(IPAddress.Parse(parts[3]), int.Parse(parts[5], CultureInfo.InvariantCulture));
        // Canonical text only: what is written is what the address prints as.
        Assert.Equal($"PROXY {parts[1]} {source.Address} {destination.Address} {source.Port} {destination.Port}", line);
        return new(1, parts[1], source, destination, raw, new Dictionary<int, byte[]>());
    }

    private static ProxyHeader? ReadV2(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 16)
            return null;
        int length = 16 + BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        if (bytes.Length < length)
            return null;
        byte[] raw = bytes[..length].ToArray();
        int addressBytes = bytes[13] switch { 0x11 => 4, 0x21 => 16, _ => 0 };
        Assert.True(bytes[12] == 0x21 && addressBytes > 0, $"command and family {bytes[12]:X2} {bytes[13]:X2}");
        IPEndPoint source = Endpoint(raw, 16, 16 + (2 * addressBytes), addressBytes);
        IPEndPoint destination = Endpoint(raw, 16 + addressBytes, 18 + (2 * addressBytes), addressBytes);
        Dictionary<int, byte[]> tlvs = ReadTlvs(raw, 20 + (2 * addressBytes));
        return new(2, addressBytes == 4 ? "TCP4" : "TCP6", source, destination, raw, tlvs);
    }

    private static Dictionary<int, byte[]> ReadTlvs(byte[] raw, int at)
    {
        Dictionary<int, byte[]> tlvs = [];
        while (at < raw.Length)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(raw.AsSpan(at + 1));
            byte[] value = raw[(at + 3)..(at + 3 + length)];
            Assert.True(tlvs.TryAdd(raw[at], value), $"TLV {raw[at]:X2} twice");
            if (raw[at] == TlvCrc32c)
                AssertChecksum(raw, at + 3);
            at += 3 + length;
        }
        return tlvs;
    }

    /// <summary>CRC-32C (Castagnoli, reflected 0x82F63B78) over the whole header, its own four bytes taken as zero.</summary>
    private static void AssertChecksum(byte[] raw, int at)
    {
        uint stated = BinaryPrimitives.ReadUInt32BigEndian(raw.AsSpan(at));
        byte[] blank = [.. raw];
        blank.AsSpan(at, 4).Clear();
        uint crc = ~0u;
        foreach (byte one in blank)
        {
            crc ^= one;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0x82F63B78 & (0 - (crc & 1)));
        }
        Assert.Equal(~crc, stated);
    }

    private static IPEndPoint Endpoint(byte[] raw, int address, int port, int addressBytes) =>
        new(new IPAddress(raw.AsSpan(address, addressBytes)), BinaryPrimitives.ReadUInt16BigEndian(raw.AsSpan(port)));
}
