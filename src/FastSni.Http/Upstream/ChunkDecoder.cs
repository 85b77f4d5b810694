namespace FastSni.Http;

/// <summary>Takes the framing off a chunked body (RFC 9112 7.1), in place. Strict: every line ends in CRLF, and nothing else is let pass.</summary>
internal struct ChunkDecoder
{
    private const int ExtensionBytesMax = 4096;     // Of one chunk.
    private const int SizeDigitsMax = 16;

    private State _state;
    private long _size;     // Being read; then what is left of the chunk.
    private int _count;     // Digits of the size, or bytes of the extension.

    private enum State { Size, Extension, SizeFeed, Data, DataReturn, DataFeed, Trailers }

    /// <summary>The last chunk was read: what follows is the trailers and the empty line.</summary>
    internal readonly bool IsAtTrailers => _state == State.Trailers;

    /// <summary>Decodes what there is. The body's bytes come to lie at the start of <paramref name="bytes"/>.</summary>
    /// <param name="consumed">Bytes that were read: all of them, unless the body ended before.</param>
    /// <param name="produced">Bytes of the body.</param>
    /// <returns>False: this is no chunked body.</returns>
    internal bool TryDecode(Span<byte> bytes, out int consumed, out int produced)
    {
        (consumed, produced) = (0, 0);
        while (consumed < bytes.Length && _state != State.Trailers)
        {
            if (_state != State.Data)
            {
                if (!TryStep(bytes[consumed]))
                    return false;
                consumed++;
                continue;
            }
            int count = (int)Math.Min(_size, bytes.Length - consumed);
            bytes.Slice(consumed, count).CopyTo(bytes[produced..]);
            consumed += count;
            produced += count;
            _size -= count;
            if (_size == 0)
                _state = State.DataReturn;
        }
        return true;
    }

    private bool TryStep(byte next)
    {
        switch (_state)
        {
            case State.Size when char.IsAsciiHexDigit((char)next):
                _size = _size << 4 | (uint)(next <= '9' ? next - '0' : (next | 0x20) - 'a' + 10);
                return ++_count <= SizeDigitsMax && _size >= 0;
            case State.Size when _count > 0 && next == '\r':
                _state = State.SizeFeed;
                return true;
            case State.Size when _count > 0 && next is (byte)';' or (byte)' ' or (byte)'\t':
                (_state, _count) = (State.Extension, 0);
                return true;
            case State.Extension when next == '\r':
                _state = State.SizeFeed;
                return true;
            case State.Extension:
                return (next is >= 0x20 and not 0x7F || next == '\t') && ++_count <= ExtensionBytesMax;
            case State.SizeFeed when next == '\n':
                (_state, _count) = (_size == 0 ? State.Trailers : State.Data, 0);
                return true;
            case State.DataReturn when next == '\r':
                _state = State.DataFeed;
                return true;
            case State.DataFeed when next == '\n':
                _state = State.Size;
                return true;
            default:
                return false;
        }
    }
}
