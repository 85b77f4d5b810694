namespace FastSni.Config.Names;

/// <summary>The lines of a file of any size, through one buffer; a line lies in the buffer until the next is read.</summary>
internal sealed class LineReader(Stream stream)
{
    public const int LineBytesMax = 64 * 1024;

    private readonly byte[] _buffer = new byte[LineBytesMax];
    private int _start;
    private int _end;
    private bool _streamEnded;

    /// <summary>Of the line last read, from 1.</summary>
    public int LineNumber { get; private set; }

    /// <summary>The line last read is the start of one that does not fit; nothing follows.</summary>
    public bool IsTooLong { get; private set; }

    /// <param name="line">Without its line end; may be changed.</param>
    /// <returns>False at the end of the file.</returns>
    public bool TryRead(out Span<byte> line)
    {
        line = default;
        int searched = 0;
        while (!IsTooLong)
        {
            Span<byte> unread = _buffer.AsSpan(_start, _end - _start);
            int newline = unread[searched..].IndexOf((byte)'\n');
            if (newline < 0 && !_streamEnded && unread.Length < LineBytesMax)
            {
                searched = unread.Length;
                Fill();
                continue;
            }
            if (newline < 0 && unread.IsEmpty)
                return false;
            IsTooLong = newline < 0 && !_streamEnded;
            line = newline < 0 ? unread : unread[..(searched + newline)];
            _start += Math.Min(line.Length + 1, unread.Length);
            if (line.EndsWith("\r"u8))
                line = line[..^1];
            LineNumber++;
            return true;
        }
        return false;
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        int read = stream.Read(_buffer.AsSpan(_end));
        _streamEnded = read == 0;
        _end += read;
    }
}
