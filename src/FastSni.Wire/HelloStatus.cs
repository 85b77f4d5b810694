namespace FastSni.Wire;

/// <summary>What the first bytes of a connection turned out to be.</summary>
public enum HelloStatus : byte
{
    /// <summary>A whole, well-formed ClientHello, with or without a server name.</summary>
    Complete,

    /// <summary>What has come so far may become a ClientHello, or a PROXY header: more bytes will tell.</summary>
    Incomplete,

    /// <summary>More bytes than the limit have come, and the ClientHello is not whole within them.</summary>
    TooLarge,

    /// <summary>A TLS handshake record, but no ClientHello that two readers would understand alike.</summary>
    Malformed,

    /// <summary>Something else: plain HTTP, SSH, an SSLv2 hello, a TLS record that is no handshake.</summary>
    NotTls,

    /// <summary>A PROXY protocol header, version 1 or 2, where none was asked for.</summary>
    ProxyHeader,
}
