namespace FastSni.Wire;

/// <summary>
/// Whole records of seven bytes, each one fatal alert (RFC 8446 6): the last word to a client whose hello leads nowhere.
/// The record version is 3.3. No version has been agreed yet, so clients take any 3.x here; 3.3 is what RFC 8446 5.1 demands of
/// every record but a first ClientHello, and what TLS 1.2 calls itself.
/// </summary>
public static class TlsAlert
{
    /// <summary>decode_error (50): "a message could not be decoded because some field was out of the specified range" (RFC 8446 6.2).</summary>
    public static ReadOnlySpan<byte> DecodeError => [TlsRecord.AlertType, 3, 3, 0, 2, FatalLevel, 50];

    /// <summary>unrecognized_name (112): no server goes by that name here (RFC 6066 3).</summary>
    public static ReadOnlySpan<byte> UnrecognizedName => [TlsRecord.AlertType, 3, 3, 0, 2, FatalLevel, 112];

    private const byte FatalLevel = 2;
}
