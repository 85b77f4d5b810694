using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;

namespace FastSni.Wire;

/// <summary>
/// The counterpart of <see cref="ByteReader"/>. What we write has a size known beforehand, so a target that is too small is our
/// own mistake and throws.
/// </summary>
internal ref struct ByteWriter(Span<byte> target)
{
    private readonly Span<byte> _target = target;

    internal int Written { get; private set; }

    private readonly Span<byte> Free => _target[Written..];

    internal void Write(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Free);
        Advance(bytes.Length);
    }

    internal void WriteByte(byte value) => Write([value]);

    internal void WriteUInt16(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(Free, checked((ushort)value));
        Advance(sizeof(ushort));
    }

    /// <summary>Decimal digits without leading zeroes.</summary>
    internal void WriteDecimal(int value) => Advance(Utf8Formatter.TryFormat(value, Free, out int written), written);

    /// <summary>Lower-case hexadecimal digits without leading zeroes.</summary>
    internal void WriteHex(ushort value) => Advance(Utf8Formatter.TryFormat(value, Free, out int written, new StandardFormat('x')), written);

    /// <summary>The next <paramref name="length"/> bytes, for the caller to fill in.</summary>
    internal Span<byte> Take(int length)
    {
        Span<byte> taken = Free[..length];
        Advance(length);
        return taken;
    }

    /// <summary>Copies what was written, whole or not at all.</summary>
    internal readonly bool TryCopyTo(scoped Span<byte> other, out int written)
    {
        bool fits = _target[..Written].TryCopyTo(other);
        written = fits ? Written : 0;
        return fits;
    }

    private void Advance(bool fits, int written)
    {
        if (!fits)
            throw new ArgumentException("The target is too small.");
        Advance(written);
    }

    private void Advance(int written) => Written += written;
}
