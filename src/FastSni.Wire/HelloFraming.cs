namespace FastSni.Wire;

/// <summary>
/// Where a ClientHello message lies in the TLS records that carry it. Senders may cut a message into records as they like
/// (RFC 8446 5.1), down to one byte each; the records are walked here, and nothing is copied until the message is whole.
/// A record counts only when all of it is there, as it does for any TLS peer. Bytes behind the message in its last record are let
/// through: they are for the backend to judge.
/// </summary>
internal ref struct HelloFraming(ReadOnlySpan<byte> bytes)
{
    internal const int HeaderBytes = 4;     // HandshakeType, length (3): RFC 8446 4.

    private const int ClientHelloType = 1;
    private const int LengthMask = 0xFF_FFFF;

    private readonly int _givenBytes = bytes.Length;
    private ByteReader _reader = new(bytes);
    private int _header;                    // Of the message, as far as it has been seen.
    private int _seenBytes;                 // Of the message, its header included.

    /// <summary>Bytes of the message, header included; while its length is unknown, no more than the header is certain.</summary>
    internal readonly int MessageBytes => IsLengthKnown ? HeaderBytes + (_header & LengthMask) : HeaderBytes;

    internal int RecordCount { get; private set; }

    /// <summary>For Complete: bytes of all records up to the one in which the message ends, headers included.</summary>
    internal readonly int WireBytes => _givenBytes - _reader.Remaining;

    /// <summary>
    /// For Incomplete: how many bytes there must be, counted from the first, before anything more can be told; else 0. Asking for
    /// more than is sure to come would leave a valid client waiting for ever; asking for less, one that drips bytes would wake us for each.
    /// </summary>
    internal int NeedBytes { get; private set; }

    private readonly bool IsLengthKnown => _seenBytes >= HeaderBytes;
    private readonly int MissingBytes => MessageBytes - _seenBytes;

    /// <returns>Complete, Incomplete or Malformed.</returns>
    internal HelloStatus Measure()
    {
        int leastBytes = TlsRecord.HeaderBytes;
        do
        {
            int recordStart = WireBytes;
            HelloStatus header = TlsRecord.ReadHeader(ref _reader, out int bodyBytes);
            if (header == HelloStatus.Incomplete)
                NeedBytes = IsLengthKnown ? leastBytes : recordStart + TlsRecord.HeaderBytes;
            if (header != HelloStatus.Complete)
                return header;

            _reader.TryReadBytes(Math.Min(bodyBytes, _reader.Remaining), out ReadOnlySpan<byte> body);
            if (!Take(body))
                return HelloStatus.Malformed;
            int unseenBytes = bodyBytes - body.Length;
            leastBytes = WireBytes + unseenBytes + TlsRecord.LeastWireBytes(Math.Max(0, MissingBytes - unseenBytes));
            if (unseenBytes > 0)
            {
                // The message's length decides what the rest is worth waiting for, so it is looked at as soon as it is there.
                NeedBytes = IsLengthKnown ? leastBytes : _givenBytes + Math.Min(unseenBytes, MissingBytes);
                return HelloStatus.Incomplete;
            }
            RecordCount++;
        }
        while (MissingBytes > 0);
        return HelloStatus.Complete;
    }

    /// <summary>
    /// Moves the record bodies together, over the record headers between them.
    /// The result is the message at the start of <paramref name="records"/>, with whatever followed it in its last record.
    /// </summary>
    /// <param name="records">Whole records, as <see cref="Measure"/> has found them.</param>
    internal static ReadOnlySpan<byte> Join(Span<byte> records)
    {
        var reader = new ByteReader(records);
        var joined = new ByteWriter(records);
        // Each body moves towards the front, so what is still to be read is never written over.
        while (TlsRecord.ReadHeader(ref reader, out int bodyBytes) == HelloStatus.Complete
            && reader.TryReadBytes(bodyBytes, out ReadOnlySpan<byte> body))
            joined.Write(body);
        return records[..joined.Written];
    }

    /// <summary>Counts bytes of the message, and reads its header, which may itself lie in several records. False: no ClientHello.</summary>
    private bool Take(ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(body);
        while (!IsLengthKnown && reader.TryReadUInt(1, out int next))
        {
            if (_seenBytes == 0 && next != ClientHelloType)
                return false;
            _header = _header << 8 | next;
            _seenBytes++;
        }
        _seenBytes += reader.Remaining;
        return true;
    }
}
