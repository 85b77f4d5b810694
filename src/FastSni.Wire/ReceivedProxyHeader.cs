namespace FastSni.Wire;

/// <summary>A PROXY header that was read.</summary>
public readonly ref struct ReceivedProxyHeader
{
    /// <summary>Its length on the wire; what the client itself sent begins behind it.</summary>
    public int Bytes { get; init; }

    /// <summary>LOCAL: the peer speaks for itself, the connection's own addresses hold.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The client; none for LOCAL, for UNKNOWN, and for families that are not TCP over IP (the connection's own addresses hold then).</summary>
    public IpEndpoint Source { get; init; }

    /// <summary>Where the client has connected to; none exactly where <see cref="Source"/> is.</summary>
    public IpEndpoint Destination { get; init; }

    /// <summary>Version 2: the TLVs, each as type (1), length (2, big-endian), value; checked to be whole. Lies in the bytes that were read.</summary>
    public ReadOnlySpan<byte> Tlvs { get; init; }
}
