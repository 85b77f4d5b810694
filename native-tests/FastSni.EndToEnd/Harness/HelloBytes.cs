using System.Buffers.Binary;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>ClientHellos made to measure (RFC 8446 4.1.2). They are well-formed for a router; nobody could finish a handshake with them.</summary>
internal static class HelloBytes
{
    public const int RecordBytesMax = 16_384;

    private const int ServerName = 0, Alpn = 16, Padding = 21, SupportedVersions = 43;

    public static byte[] For(string serverName, params string[] alpn) => Frame(Handshake(Encoding.Latin1.GetBytes(serverName), alpn));

    /// <summary>A name of any bytes, those no host name may have included.</summary>
    public static byte[] For(byte[] serverName) => Frame(Handshake(serverName, []));

    public static byte[] WithoutName(params string[] alpn) => Frame(Handshake(null, alpn));

    /// <summary>A hello of exactly this many bytes on the wire, record headers included, in records as large as they may be.</summary>
    public static byte[] OfSize(string serverName, int wireBytes)
    {
        byte[] name = Encoding.Latin1.GetBytes(serverName);
        int bare = Handshake(name, []).Length + 4;
        int records = 1;
        while ((wireBytes - (5 * records) + RecordBytesMax - 1) / RecordBytesMax > records)
            records++;
        byte[] hello = Frame(Handshake(name, [], wireBytes - (5 * records) - bare));
        Assert.Equal(wireBytes, hello.Length);
        return hello;
    }

    /// <summary>The same handshake message in records of these sizes; the last size goes on until all is framed.</summary>
    public static byte[] InRecords(byte[] hello, params int[] sizes) => Frame(Unframe(hello), sizes);

    /// <summary>Where the name's bytes begin in the hello, any case; −1 if they do not lie together.</summary>
    public static int IndexOfName(byte[] hello, string serverName) =>
        Encoding.Latin1.GetString(hello).IndexOf(serverName, StringComparison.OrdinalIgnoreCase);

    private static byte[] Handshake(byte[]? serverName, string[] alpn, int paddingBytes = -1)
    {
        List<byte> extensions = [];
        if (serverName is not null)
            Add(extensions, ServerName, Vector(2, [0, .. Vector(2, serverName)]));
        Add(extensions, SupportedVersions, Vector(1, [0x03, 0x04, 0x03, 0x03]));
        if (alpn.Length > 0)
            Add(extensions, Alpn, Vector(2, [.. alpn.SelectMany(protocol => Vector(1, Encoding.Latin1.GetBytes(protocol)))]));
        // The block of extensions holds 65,535 bytes at most: what is above 60,000 goes among the cipher suites, two bytes each.
        int suiteBytes = Math.Max(0, paddingBytes - 60_000 + 1) & ~1;
        if (paddingBytes >= 0)
            Add(extensions, Padding, new byte[paddingBytes - suiteBytes]);
        byte[] random = new byte[32];
        Random.Shared.NextBytes(random);
        byte[] suites = [0x13, 0x01, 0x13, 0x02, 0xC0, 0x2F, .. new byte[suiteBytes]];
        byte[] body = [0x03, 0x03, .. random, .. Vector(1, random), .. Vector(2, suites), .. Vector(1, [0]), .. Vector(2, [.. extensions])];
        return [1, .. Vector(3, body)];
    }

    private static byte[] Frame(byte[] handshake, params int[] sizes)
    {
        List<byte> framed = [];
        int at = 0;
        for (int record = 0; at < handshake.Length; record++)
        {
            int size = sizes.Length == 0 ? RecordBytesMax : sizes[Math.Min(record, sizes.Length - 1)];
            size = Math.Min(size, handshake.Length - at);
            framed.AddRange([0x16, 0x03, 0x01, .. Vector(2, handshake[at..(at + size)])]);
            at += size;
        }
        return [.. framed];
    }

    private static byte[] Unframe(byte[] records)
    {
        List<byte> handshake = [];
        for (int at = 0; at < records.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(records.AsSpan(at + 3));
            handshake.AddRange(records[(at + 5)..(at + 5 + length)]);
            at += 5 + length;
        }
        return [.. handshake];
    }

    private static void Add(List<byte> extensions, int type, byte[] body) => extensions.AddRange([(byte)(type >> 8), (byte)type, .. Vector(2, body)]);

    private static byte[] Vector(int lengthBytes, byte[] content)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        return [.. length[(4 - lengthBytes)..], .. content];
    }
}
