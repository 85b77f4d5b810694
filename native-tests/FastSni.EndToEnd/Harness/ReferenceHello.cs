using System.Text;

namespace FastSni.EndToEnd.Harness;

internal enum HelloVerdict
{
    Sni,
    NoSni,
    Incomplete,
    Invalid,
}

/// <summary>
/// A second reading of a ClientHello, written apart from the gateway's: strict about structure, silent about what is the backend's business. It
/// judges
/// hellos that no corpus has a verdict for, and is itself held against the corpus.
/// </summary>
internal static class ReferenceHello
{
    public static (HelloVerdict Verdict, string? Name) Read(byte[] bytes)
    {
        List<byte> handshake = [];
        int at = 0;
        while (true)
        {
            int needed = handshake.Count >= 4 ? 4 + Number(handshake[1], handshake[2], handshake[3]) : int.MaxValue;
            if (handshake.Count > 0 && handshake[0] != 1)
                return (HelloVerdict.Invalid, null);
            if (handshake.Count >= needed)
                return Message([.. handshake.GetRange(4, needed - 4)]);
            if (at < bytes.Length && bytes[at] != 0x16)
                return (HelloVerdict.Invalid, null);
            if (at + 1 < bytes.Length && bytes[at + 1] != 3)
                return (HelloVerdict.Invalid, null);
            if (at + 5 > bytes.Length)
                return (HelloVerdict.Incomplete, null);
            int length = Number(bytes[at + 3], bytes[at + 4]);
            if (length is 0 or > HelloBytes.RecordBytesMax)
                return (HelloVerdict.Invalid, null);
            handshake.AddRange(bytes[(at + 5)..Math.Min(at + 5 + length, bytes.Length)]);
            // A record counts when it is whole, even if the message inside it is already.
            if (at + 5 + length > bytes.Length)
                return (handshake.Count > 0 && handshake[0] != 1 ? HelloVerdict.Invalid : HelloVerdict.Incomplete, null);
            at += 5 + length;
        }
    }

    private static (HelloVerdict Verdict, string? Name) Message(byte[] body)
    {
        Cursor cursor = new(body);
        if (!cursor.TrySkip(34) || !cursor.TryVector(1, out _) || !cursor.TryVector(2, out _) || !cursor.TryVector(1, out _))
            return (HelloVerdict.Invalid, null);
        if (cursor.IsAtEnd)
            return (HelloVerdict.NoSni, null);
        if (!cursor.TryVector(2, out byte[] block) || !cursor.IsAtEnd)
            return (HelloVerdict.Invalid, null);
        (HelloVerdict Verdict, string? Name) result = (HelloVerdict.NoSni, null);
        Cursor extensions = new(block);
        while (!extensions.IsAtEnd)
        {
            if (!extensions.TryNumber(2, out int type) || !extensions.TryVector(2, out byte[] content))
                return (HelloVerdict.Invalid, null);
            if (type != 0)
                continue;
            if (result.Verdict == HelloVerdict.Sni || !TryNames(content, out string? name))
                return (HelloVerdict.Invalid, null);
            result = name is null ? result : (HelloVerdict.Sni, name);
        }
        return result;
    }

    /// <summary>At least one entry, of any type; at most one host_name, which is then the name.</summary>
    private static bool TryNames(byte[] content, out string? name)
    {
        name = null;
        Cursor extension = new(content);
        if (!extension.TryVector(2, out byte[] list) || !extension.IsAtEnd || list.Length == 0)
            return false;
        Cursor entries = new(list);
        while (!entries.IsAtEnd)
        {
            if (!entries.TryNumber(1, out int type) || !entries.TryVector(2, out byte[] entry))
                return false;
            if (type != 0)
                continue;
            if (name is not null || entry.Length is 0 or > 255 || entry.Contains((byte)0))
                return false;
            name = Encoding.Latin1.GetString(entry);
        }
        return true;
    }

    private static int Number(params ReadOnlySpan<byte> bytes)
    {
        int number = 0;
        foreach (byte one in bytes)
            number = (number << 8) | one;
        return number;
    }

    private sealed class Cursor(byte[] bytes)
    {
        private int _at;

        public bool IsAtEnd => _at == bytes.Length;

        public bool TrySkip(int count)
        {
            _at += count;
            return _at <= bytes.Length;
        }

        public bool TryNumber(int lengthBytes, out int number)
        {
            number = 0;
            if (_at + lengthBytes > bytes.Length)
                return false;
            number = Number(bytes.AsSpan(_at, lengthBytes));
            _at += lengthBytes;
            return true;
        }

        public bool TryVector(int lengthBytes, out byte[] content)
        {
            content = [];
            if (!TryNumber(lengthBytes, out int length) || _at + length > bytes.Length)
                return false;
            content = bytes[_at..(_at + length)];
            _at += length;
            return true;
        }
    }
}
