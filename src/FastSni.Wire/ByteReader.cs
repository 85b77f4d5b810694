namespace FastSni.Wire;

/// <summary>
/// A cursor over bytes in network order. Every read says whether it could be done, so that no caller compares a length or
/// computes an offset: a parser written with it can be wrong about the format, but not about memory.
/// </summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    internal readonly int Remaining => _rest.Length;
    internal readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>False, and nothing read, where fewer than <paramref name="length"/> bytes are left.</summary>
    internal bool TryReadBytes(int length, out ReadOnlySpan<byte> bytes)
    {
        if (length > _rest.Length)
        {
            bytes = default;
            return false;
        }
        bytes = _rest[..length];
        _rest = _rest[length..];
        return true;
    }

    /// <summary>Reads up to the first <paramref name="end"/>, which is skipped; false, and nothing read, where there is none.</summary>
    internal bool TryReadTo(byte end, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        int length = _rest.IndexOf(end);
        return length >= 0 && TryReadBytes(length, out bytes) && TrySkip(1);
    }

    internal ReadOnlySpan<byte> ReadRest()
    {
        ReadOnlySpan<byte> bytes = _rest;
        _rest = default;
        return bytes;
    }

    internal bool TrySkip(int length) => TryReadBytes(length, out _);

    /// <param name="lengthBytes">1 to 3, the widths TLS uses (RFC 8446 3.3): what is read always fits an int.</param>
    internal bool TryReadUInt(int lengthBytes, out int value)
    {
        value = 0;
        if (!TryReadBytes(lengthBytes, out ReadOnlySpan<byte> digits))
            return false;
        foreach (byte digit in digits)
            value = value << 8 | digit;
        return true;
    }

    /// <summary>Reads a TLS vector (RFC 8446 3.4): a length of <paramref name="lengthBytes"/> bytes, then that many bytes.</summary>
    internal bool TryReadVector(int lengthBytes, out ReadOnlySpan<byte> vector)
    {
        vector = default;
        return TryReadUInt(lengthBytes, out int length) && TryReadBytes(length, out vector);
    }

    internal bool TrySkipVector(int lengthBytes) => TryReadVector(lengthBytes, out _);
}
