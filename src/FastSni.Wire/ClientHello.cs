namespace FastSni.Wire;

/// <summary>
/// What a router needs of the first message of a TLS connection (RFC 8446 4.1.2), read from bytes that stay in the socket.
/// The spans point into the bytes given to <see cref="Read"/>.
/// </summary>
public ref struct ClientHello
{
    /// <summary>host_name as sent (case and trailing dot kept; 1 to 255 bytes, no NUL, otherwise untrusted); empty = none (RFC 6066 3).</summary>
    public ReadOnlySpan<byte> ServerName { get; private set; }

    /// <summary>
    /// Body of the ProtocolNameList (RFC 7301 3.1): names behind a length byte each, well formed; empty = none.
    /// <see cref="AlpnNames"/> enumerates it.
    /// </summary>
    public ReadOnlySpan<byte> AlpnList { get; private set; }

    /// <summary>Bytes of the TLS records that carry the hello, record headers included.</summary>
    public int WireBytes { get; private set; }

    /// <summary>The hello came in several records and was joined in place: the bytes it was read from are no longer those of the wire.</summary>
    public bool IsJoined { get; private set; }

    /// <summary>
    /// Looks at what a client has sent so far. Never throws, allocates nothing, and takes time linear in <paramref name="bytes"/>.
    /// A verdict other than Incomplete is final: more bytes would not change it.
    /// </summary>
    /// <param name="bytes">
    /// Everything received so far, from the first byte of the connection. A whole hello that came in several records is joined in place, over
    /// the record headers, so these bytes are good for nothing but <paramref name="hello"/> afterwards; otherwise they are left alone.
    /// </param>
    /// <param name="limitBytes">The most bytes a hello may take on the wire, record headers included.</param>
    /// <param name="hello">For Complete: the hello; else empty.</param>
    /// <param name="needBytes">
    /// For Incomplete: how many bytes, counted from the start of the connection, must be there before another look can be worth
    /// it; more than there are, no more than the limit, and never more than a valid hello is sure to bring. Else 0.
    /// </param>
    public static HelloStatus Read(Span<byte> bytes, int limitBytes, out ClientHello hello, out int needBytes)
    {
        // What lies beyond the limit has no say, or the verdict would hang on how many bytes a look happens to find.
        Span<byte> within = bytes[..Math.Min(bytes.Length, limitBytes)];
        HelloStatus status = within is [TlsRecord.HandshakeType, ..]
            ? ReadRecords(within, out hello, out needBytes)
            : ReadOther(within, out hello, out needBytes);
        // Bytes that have come count, not those announced: a client that only announces too much and falls silent is a slow one.
        if (status == HelloStatus.Incomplete && within.Length >= limitBytes)
            status = HelloStatus.TooLarge;
        needBytes = status == HelloStatus.Incomplete ? Math.Min(needBytes, limitBytes) : 0;
        return status;
    }

    private static HelloStatus ReadRecords(Span<byte> bytes, out ClientHello hello, out int needBytes)
    {
        hello = default;
        var framing = new HelloFraming(bytes);
        HelloStatus status = framing.Measure();
        needBytes = framing.NeedBytes;
        if (status != HelloStatus.Complete)
            return status;

        Span<byte> records = bytes[..framing.WireBytes];
        // Nearly every hello comes in one record: then the message is read where it lies.
        ReadOnlySpan<byte> joined = framing.RecordCount == 1 ? records[TlsRecord.HeaderBytes..] : HelloFraming.Join(records);
        if (!HelloMessage.TryRead(joined[HelloFraming.HeaderBytes..framing.MessageBytes], out HelloMessage message))
            return HelloStatus.Malformed;
        hello.ServerName = message.ServerName;
        hello.AlpnList = message.AlpnList;
        hello.WireBytes = framing.WireBytes;
        hello.IsJoined = framing.RecordCount > 1;
        return HelloStatus.Complete;
    }

    /// <summary>
    /// The first byte tells what is no TLS handshake, except that it may open a PROXY header. A TLS alert or data record is no TLS
    /// for us either: no client begins with one, and other protocols use these bytes.
    /// </summary>
    private static HelloStatus ReadOther(ReadOnlySpan<byte> bytes, out ClientHello hello, out int needBytes)
    {
        hello = default;
        needBytes = 0;
        switch (ProxyHeader.MatchSignature(bytes))
        {
            case SignatureMatch.Whole:
                return HelloStatus.ProxyHeader;
            case SignatureMatch.Partial:
                // One more byte may already differ. A signature has twelve at most, so this is no loop to keep us busy with.
                needBytes = bytes.Length + 1;
                return HelloStatus.Incomplete;
            default:
                return HelloStatus.NotTls;
        }
    }
}
