namespace FastSni.Wire;

/// <summary>The TLS record layer as far as a ClientHello travels on it: plaintext handshake records (RFC 8446 5.1).</summary>
internal static class TlsRecord
{
    internal const byte AlertType = 21;
    internal const byte HandshakeType = 22;
    internal const int HeaderBytes = 5;     // ContentType, ProtocolVersion (2), length (2).
    internal const int BodyBytesMax = 1 << 14;

    private const byte VersionMajor = 3;

    /// <summary>Reads one handshake record's header, judging each byte that is there, even where the header is cut short.</summary>
    /// <returns>Complete, Incomplete or Malformed.</returns>
    internal static HelloStatus ReadHeader(ref ByteReader reader, out int bodyBytes)
    {
        bodyBytes = 0;
        if (!reader.TryReadUInt(1, out int type))
            return HelloStatus.Incomplete;
        if (type != HandshakeType)
            return HelloStatus.Malformed;
        if (!reader.TryReadUInt(1, out int major))
            return HelloStatus.Incomplete;
        // The minor version "MUST be ignored for all purposes" (RFC 8446 5.1); another major is no TLS we know how to read.
        if (major != VersionMajor)
            return HelloStatus.Malformed;
        if (!reader.TrySkip(1) || !reader.TryReadUInt(2, out bodyBytes))
            return HelloStatus.Incomplete;
        // Zero-length handshake records are forbidden (RFC 8446 5.1), and would let a client keep us busy for nothing.
        return bodyBytes is 0 or > BodyBytesMax ? HelloStatus.Malformed : HelloStatus.Complete;
    }

    /// <summary>The fewest bytes on the wire that carry <paramref name="messageBytes"/> in records of their own, headers included.</summary>
    internal static int LeastWireBytes(int messageBytes)
    {
        int records = (messageBytes + BodyBytesMax - 1) / BodyBytesMax;
        return messageBytes + records * HeaderBytes;
    }
}
