using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace FastSni.Http;

/// <summary>Bytes to be sent, in one piece that grows.</summary>
internal sealed class OutBuffer
{
    private const int IdleBytes = 4096, IdleBytesMax = 64 * 1024;

    // Separators that could end a line or a name, and what else a value may not have (RFC 9110 5.5); a tab may stand in one.
    private static readonly SearchValues<byte> Controls = SearchValues.Create([.. Enumerable.Range(0, 32).Where(b => b != '\t').Select(b => (byte)b), 0x7F]);

    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(IdleBytes);
    private int _count;

    internal ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _count);

    internal int Count => _count;

    internal void Clear()
    {
        _count = 0;
        if (_bytes.Length > IdleBytesMax)
            _bytes = GC.AllocateUninitializedArray<byte>(IdleBytes);
    }

    /// <summary>Room for at least so many bytes; <see cref="Advance"/> says how many were written.</summary>
    internal Span<byte> Room(int bytes)
    {
        if (_bytes.Length - _count < bytes)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + bytes));
        return _bytes.AsSpan(_count);
    }

    internal void Advance(int bytes) => _count += bytes;

    internal void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _count += bytes.Length;
    }

    /// <summary>Writes Latin-1, which is how the text was decoded. False: there is a control character or something that is no Latin-1 in it.</summary>
    internal bool TryWrite(ReadOnlySpan<char> text)
    {
        Span<byte> room = Room(text.Length);
        if (text.ContainsAnyExceptInRange('\0', '\xFF'))
            return false;
        int written = Encoding.Latin1.GetBytes(text, room);
        _count += written;
        return !room[..written].ContainsAny(Controls);
    }

    internal void WriteDecimal(long value)
    {
        Utf8Formatter.TryFormat(value, Room(20), out int written);
        _count += written;
    }
}
