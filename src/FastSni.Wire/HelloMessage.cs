namespace FastSni.Wire;

/// <summary>
/// The two things a router wants of a ClientHello (RFC 8446 4.1.2). The structure is read strictly, because a lenient reader and a
/// strict backend may see two different names in the same bytes; what the values mean (versions, ciphers, unknown or repeated
/// extensions) is the backend's business and passes.
/// </summary>
internal ref struct HelloMessage
{
    private const int ServerNameType = 0;           // RFC 6066 3
    private const int AlpnType = 16;                // RFC 7301 3.1
    private const int HostNameType = 0;
    private const int HostNameBytesMax = 255;       // RFC 1035 2.3.4: no longer name exists.
    private const int VersionAndRandomBytes = 2 + 32;

    private bool _hasServerNameExtension;

    /// <summary>host_name as sent; empty = none.</summary>
    internal ReadOnlySpan<byte> ServerName { get; private set; }

    /// <summary>Body of the ProtocolNameList; empty = none.</summary>
    internal ReadOnlySpan<byte> AlpnList { get; private set; }

    /// <param name="body">The message behind its handshake header, up to its announced length.</param>
    internal static bool TryRead(ReadOnlySpan<byte> body, out HelloMessage message)
    {
        message = default;
        var reader = new ByteReader(body);
        bool opens = reader.TrySkip(VersionAndRandomBytes)
            && reader.TrySkipVector(1)      // legacy_session_id
            && reader.TrySkipVector(2)      // cipher_suites
            && reader.TrySkipVector(1);     // legacy_compression_methods
        if (!opens)
            return false;
        // Before TLS 1.3 the extensions may be missing altogether (RFC 5246 7.4.1.2).
        if (reader.AtEnd)
            return true;
        return reader.TryReadVector(2, out ReadOnlySpan<byte> extensions) && reader.AtEnd && message.TryReadExtensions(extensions);
    }

    private bool TryReadExtensions(ReadOnlySpan<byte> extensions)
    {
        var reader = new ByteReader(extensions);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadUInt(2, out int type) || !reader.TryReadVector(2, out ReadOnlySpan<byte> data))
                return false;
            bool wellFormed = type switch
            {
                ServerNameType => TryReadServerName(data),
                AlpnType => TryReadAlpn(data),
                _ => true,
            };
            if (!wellFormed)
                return false;
        }
        return true;
    }

    /// <summary>
    /// Accepts one extension with one entry. Of several, some servers take the first and some the last, so there is no name we
    /// could route by. An entry of another type than host_name is no name; it has a length all the same (RFC 6066 3).
    /// </summary>
    private bool TryReadServerName(ReadOnlySpan<byte> data)
    {
        var extension = new ByteReader(data);
        if (_hasServerNameExtension || !extension.TryReadVector(2, out ReadOnlySpan<byte> list) || !extension.AtEnd)
            return false;
        _hasServerNameExtension = true;

        var entry = new ByteReader(list);
        if (!entry.TryReadUInt(1, out int type) || !entry.TryReadVector(2, out ReadOnlySpan<byte> name) || !entry.AtEnd)
            return false;
        if (type != HostNameType)
            return true;
        ServerName = name;
        // A C server's name ends at a NUL: "app.example.org\0.example.net" would be two names in one.
        return name.Length is > 0 and <= HostNameBytesMax && !name.Contains((byte)0);
    }

    /// <summary>Keeps the first list that has names: a repeated one is the backend's to refuse.</summary>
    private bool TryReadAlpn(ReadOnlySpan<byte> data)
    {
        var extension = new ByteReader(data);
        if (!extension.TryReadVector(2, out ReadOnlySpan<byte> list) || !extension.AtEnd)
            return false;
        if (AlpnList.IsEmpty)
            AlpnList = list;

        var names = new ByteReader(list);
        while (!names.AtEnd)
        {
            if (!names.TrySkipVector(1))
                return false;
        }
        return true;
    }
}
