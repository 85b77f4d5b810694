using System.Text;

namespace FastSni.Tests.Wire;

/// <summary>Builds ClientHello messages, right and wrong ones, and cuts them into TLS records.</summary>
internal static class HelloBuilder
{
    internal const int ServerNameType = 0;
    internal const int AlpnType = 16;
    internal const int PaddingType = 21;

    /// <summary>A whole message: handshake header, the fixed fields, and these extensions.</summary>
    internal static byte[] Message(params byte[][] extensions)
    {
        byte[] fixedFields = [3, 3, .. new byte[32], .. Vector(1, new byte[32]), .. Vector(2, [0x13, 0x01]), .. Vector(1, [0])];
        return [1, .. Vector(3, [.. fixedFields, .. Vector(2, Join(extensions))])];
    }

    internal static byte[] Extension(int type, byte[] data) => [(byte)(type >> 8), (byte)type, .. Vector(2, data)];

    internal static byte[] ServerName(string name) => ServerNames(Entry(0, Encoding.Latin1.GetBytes(name)));

    internal static byte[] ServerNames(params byte[][] entries) => Extension(ServerNameType, Vector(2, Join(entries)));

    internal static byte[] Entry(byte type, byte[] name) => [type, .. Vector(2, name)];

    internal static byte[] Alpn(params string[] names) =>
        Extension(AlpnType, Vector(2, Join([.. names.Select(name => Vector(1, Encoding.Latin1.GetBytes(name)))])));

    internal static byte[] Padding(int bytes) => Extension(PaddingType, new byte[bytes]);

    /// <summary>A message of exactly this many bytes, its header included, for `app.example.org`.</summary>
    internal static byte[] MessageOf(int messageBytes)
    {
        byte[] name = ServerName("app.example.org");
        return Message(name, Padding(messageBytes - Message(name, Padding(0)).Length));
    }

    internal static byte[] Vector(int lengthBytes, byte[] content)
    {
        byte[] length = [(byte)(content.Length >> 16), (byte)(content.Length >> 8), (byte)content.Length];
        return [.. length[^lengthBytes..], .. content];
    }

    internal static byte[] Record(ReadOnlySpan<byte> body, byte type = 22) =>
        [type, 3, 1, (byte)(body.Length >> 8), (byte)body.Length, .. body];

    /// <summary>Cuts a handshake stream into records of these sizes, one after another, round and round.</summary>
    internal static byte[] Records(ReadOnlySpan<byte> stream, params int[] sizes)
    {
        List<byte> wire = [];
        for (int index = 0; !stream.IsEmpty; index++)
        {
            int size = Math.Min(sizes[index % sizes.Length], stream.Length);
            wire.AddRange(Record(stream[..size]));
            stream = stream[size..];
        }
        return [.. wire];
    }

    /// <summary>The same in records of random sizes, small and large ones mixed.</summary>
    internal static byte[] RandomRecords(ReadOnlySpan<byte> stream, Random random)
    {
        int[] sizes = new int[random.Next(1, 20)];
        int largest = random.Next(4) switch { 0 => 3, 1 => 40, 2 => 600, _ => 16384 };
        for (int index = 0; index < sizes.Length; index++)
            sizes[index] = random.Next(1, largest + 1);
        return Records(stream, sizes);
    }

    /// <summary>What whole records at the start of <paramref name="wire"/> carry: the handshake stream.</summary>
    internal static byte[] Stream(ReadOnlySpan<byte> wire)
    {
        List<byte> stream = [];
        while (wire.Length >= 5 && wire[0] == 22 && wire.Length - 5 >= (wire[3] << 8 | wire[4]))
        {
            int size = wire[3] << 8 | wire[4];
            stream.AddRange(wire.Slice(5, size));
            wire = wire[(5 + size)..];
        }
        return [.. stream];
    }

    private static byte[] Join(byte[][] parts) => [.. parts.SelectMany(part => part)];
}
