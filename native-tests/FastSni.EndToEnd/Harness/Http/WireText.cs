namespace FastSni.EndToEnd.Harness;

/// <summary>The text read so far ends before the message does.</summary>
internal sealed class WireTextEndsException : Exception;

/// <summary>A place in a stream's text that moves on.</summary>
/// <param name="isStrict">Lines end with CRLF; else LF alone will do.</param>
internal sealed class WireText(string text, bool isStrict)
{
    public int Position { get; private set; }

    public string Line() => Line(isStrict);

    /// <summary>A line that ends with CRLF and holds no other CR or LF.</summary>
    public string StrictLine() => Line(isCrLfAlone: true);

    public string Take(int count)
    {
        if (text.Length - Position < count)
            throw new WireTextEndsException();
        Position += count;
        return text[(Position - count)..Position];
    }

    public void SkipBlankLines()
    {
        while (Position < text.Length && (text[Position] == '\n' || text.AsSpan(Position).StartsWith("\r\n", StringComparison.Ordinal)))
            Position++;
    }

    private string Line(bool isCrLfAlone)
    {
        int end = text.IndexOf('\n', Position);
        string line = text[Position..(end < 0 ? text.Length : end)];
        bool hasReturn = line.EndsWith('\r');
        string content = hasReturn ? line[..^1] : line;
        if (content.AsSpan().ContainsAny('\r', '\0') || (end >= 0 && isCrLfAlone && !hasReturn))
            throw new InvalidDataException("a CR, an LF or a NUL inside a line");
        if (end < 0)
            throw new WireTextEndsException();
        Position = end + 1;
        return content;
    }
}
