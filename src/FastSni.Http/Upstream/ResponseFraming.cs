using System.Text;

namespace FastSni.Http;

/// <summary>What the headers of a response say about where it ends and what becomes of the connection (RFC 9112 6.3, 9.3).</summary>
internal struct ResponseFraming
{
    private bool _isClose, _isKeepAlive;

    /// <summary>Bytes of the body; null = not said.</summary>
    internal long? Length { get; private set; }

    internal bool IsChunked { get; private set; }

    /// <summary>The protocol that a 101 switches to.</summary>
    internal string? Upgrade { get; private set; }

    internal string? WebSocketAccept { get; private set; }

    /// <summary>Other headers that Connection names: they end here.</summary>
    internal List<string>? Named { get; private set; }

    /// <summary>The connection stays after the response, if that ends by itself.</summary>
    internal readonly bool IsPersistent(bool isHttp11) => !_isClose && (isHttp11 || _isKeepAlive);

    /// <summary>False: the header makes the end of the response doubtful.</summary>
    internal bool TryTake(HeaderRole role, ReadOnlySpan<byte> value)
    {
        switch (role)
        {
            case HeaderRole.ContentLength:
                return TryTakeLength(value);
            case HeaderRole.TransferEncoding:
                // A second one would be `chunked, chunked`.
                bool isFirst = !IsChunked;
                IsChunked = true;
                return isFirst && Ascii.EqualsIgnoreCase(value, "chunked"u8);
            case HeaderRole.Connection:
                TakeConnection(value);
                return true;
            case HeaderRole.Upgrade:
                Upgrade = Encoding.Latin1.GetString(value);
                return true;
            case HeaderRole.WebSocketAccept:
                WebSocketAccept = Encoding.Latin1.GetString(value);
                return true;
            default:
                return true;
        }
    }

    // Digits alone, and no sign; the same length twice is one length.
    private bool TryTakeLength(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value.Length > 18 || value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        long length = 0;
        foreach (byte digit in value)
            length = length * 10 + (digit - '0');
        bool isSame = Length is null || Length == length;
        Length = length;
        return isSame;
    }

    private void TakeConnection(ReadOnlySpan<byte> value)
    {
        foreach (Range range in value.Split((byte)','))
        {
            ReadOnlySpan<byte> token = value[range].Trim(" \t"u8);
            if (Ascii.EqualsIgnoreCase(token, "keep-alive"u8))
                _isKeepAlive = true;
            else if (Ascii.EqualsIgnoreCase(token, "close"u8))
                _isClose = true;
            else if (!token.IsEmpty && !Ascii.EqualsIgnoreCase(token, "upgrade"u8))
                (Named ??= []).Add(Encoding.Latin1.GetString(token));
        }
    }
}
