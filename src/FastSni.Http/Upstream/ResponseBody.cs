namespace FastSni.Http;

internal enum BodyKind { None, Length, Chunked, UntilClose }

/// <summary>Where a response's body ends, and how far it has come.</summary>
internal struct ResponseBody
{
    private ChunkDecoder _chunks;
    private long _left;

    internal BodyKind Kind { get; private init; }

    /// <summary>Every byte of the body was decoded. A body until the end of the connection never says so.</summary>
    internal readonly bool IsWhole => Kind switch
    {
        BodyKind.None => true,
        BodyKind.Length => _left == 0,
        BodyKind.Chunked => _chunks.IsAtTrailers,
        _ => false,
    };

    /// <summary>RFC 9112 6.3. False: the headers contradict each other.</summary>
    internal static bool TryCreate(StatusLine status, ResponseFraming framing, bool isHead, out ResponseBody body)
    {
        body = new ResponseBody { Kind = BodyKind.None };
        if (framing.IsChunked && (framing.Length is not null || !status.IsHttp11))
            return false;
        if (isHead || status.Status is 204 or 205 or 304)
            return true;
        if (framing.IsChunked)
            body = new ResponseBody { Kind = BodyKind.Chunked };
        else if (framing.Length is { } length)
            body = new ResponseBody { Kind = BodyKind.Length, _left = length };
        else
            body = new ResponseBody { Kind = BodyKind.UntilClose };
        return true;
    }

    /// <summary>Decodes what there is. The body's bytes come to lie at the start of <paramref name="bytes"/>.</summary>
    /// <returns>False: the framing is broken.</returns>
    internal bool TryDecode(Span<byte> bytes, out int consumed, out int produced)
    {
        if (Kind == BodyKind.Chunked)
            return _chunks.TryDecode(bytes, out consumed, out produced);
        consumed = produced = Kind == BodyKind.Length ? (int)Math.Min(_left, bytes.Length) : Kind == BodyKind.None ? 0 : bytes.Length;
        _left -= Kind == BodyKind.Length ? consumed : 0;
        return true;
    }
}
