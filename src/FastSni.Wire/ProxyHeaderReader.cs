namespace FastSni.Wire;

public static partial class ProxyHeader
{
    /// <summary>The longest header read: version 2 with everything its 16 bits of length allow.</summary>
    public const int ReceivedBytesMax = V2HeadBytes + ushort.MaxValue;

    private const byte Space = (byte)' ';
    private const byte CarriageReturn = (byte)'\r';
    private const byte LineFeed = (byte)'\n';

    /// <summary>
    /// Reads a header of either version, strictly (proxy-protocol.txt 2.1 and 2.2). Never throws, allocates nothing, and takes time linear in
    /// the header. A status other than Incomplete is final: more bytes would not change it.
    /// </summary>
    /// <param name="bytes">The first bytes of a connection; what follows the header is left alone.</param>
    /// <param name="header">Set when the status is <see cref="ProxyHeaderStatus.Complete"/>.</param>
    /// <param name="needBytes">
    /// When it is <see cref="ProxyHeaderStatus.Incomplete"/>: how many must be there before another look is worth it; more than there are, no
    /// more than <see cref="ReceivedBytesMax"/>, and never more than a valid header is sure to bring. Else 0.
    /// </param>
    public static ProxyHeaderStatus Read(ReadOnlySpan<byte> bytes, out ReceivedProxyHeader header, out int needBytes)
    {
        ProxyHeaderStatus status;
        switch (MatchSignature(bytes))
        {
            case SignatureMatch.None:
                header = default;
                needBytes = 0;
                return ProxyHeaderStatus.None;
            case SignatureMatch.Partial:
                // One more byte may already differ, and then it is somebody without a header, who need not send any more.
                header = default;
                needBytes = bytes.Length + 1;
                return ProxyHeaderStatus.Incomplete;
            default:
                status = bytes.StartsWith(V1Signature) ? ReadV1(bytes, out header, out needBytes) : ReadV2(bytes, out header, out needBytes);
                break;
        }
        if (status != ProxyHeaderStatus.Incomplete)
            needBytes = 0;
        return status;
    }

    private static ProxyHeaderStatus ReadV1(ReadOnlySpan<byte> bytes, out ReceivedProxyHeader header, out int needBytes)
    {
        header = default;
        // Nothing tells beforehand how long a line will be, and whoever has sent part of one sends at least one byte more.
        needBytes = bytes.Length + 1;
        int lineBytes = bytes[..Math.Min(bytes.Length, V1BytesMax)].IndexOfAny(CarriageReturn, LineFeed);
        if (lineBytes < 0)
            return bytes.Length < V1BytesMax - 1 ? ProxyHeaderStatus.Incomplete : ProxyHeaderStatus.Malformed;
        ReadOnlySpan<byte> ending = bytes[lineBytes..];
        if (ending is [CarriageReturn] && lineBytes <= V1BytesMax - 2)
            return ProxyHeaderStatus.Incomplete;
        if (ending is not [CarriageReturn, LineFeed, ..] || lineBytes > V1BytesMax - 2)
            return ProxyHeaderStatus.Malformed;

        var line = new ByteReader(bytes[V1Signature.Length..lineBytes]);
        if (!TryReadLine(ref line, out IpEndpoint source, out IpEndpoint destination))
            return ProxyHeaderStatus.Malformed;
        header = new ReceivedProxyHeader { Bytes = lineBytes + 2, Source = source, Destination = destination };
        return ProxyHeaderStatus.Complete;
    }

    /// <param name="line">What stands between the signature and CRLF.</param>
    private static bool TryReadLine(ref ByteReader line, out IpEndpoint source, out IpEndpoint destination)
    {
        source = destination = default;
        bool hasMore = line.TryReadTo(Space, out ReadOnlySpan<byte> family);
        if (!hasMore)
            family = line.ReadRest();
        // Of an unknown family the rest of the line is to be ignored.
        if (family.SequenceEqual("UNKNOWN"u8))
            return true;
        int addressBytes = family.SequenceEqual("TCP4"u8) ? 4 : family.SequenceEqual("TCP6"u8) ? 16 : 0;
        if (addressBytes == 0 || !hasMore)
            return false;

        Span<byte> sourceAddress = stackalloc byte[addressBytes];
        Span<byte> destinationAddress = stackalloc byte[addressBytes];
        if (!line.TryReadTo(Space, out ReadOnlySpan<byte> sourceText) || !IpText.TryRead(sourceText, sourceAddress)
            || !line.TryReadTo(Space, out ReadOnlySpan<byte> destinationText) || !IpText.TryRead(destinationText, destinationAddress)
            || !line.TryReadTo(Space, out ReadOnlySpan<byte> sourcePort) || !IpText.TryReadDecimal(sourcePort, ushort.MaxValue, out int from)
            || !IpText.TryReadDecimal(line.ReadRest(), ushort.MaxValue, out int to))
            return false;
        source = IpEndpoint.Create(sourceAddress, (ushort)from);
        destination = IpEndpoint.Create(destinationAddress, (ushort)to);
        return true;
    }
}
