using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Handoff;

/// <summary>
/// A client that leaves the loop by the side door: its socket, untouched, with everything the loop has found out about it. Whoever takes it from the
/// <see cref="IHandoffRooms"/> owns the descriptor, and returns the lease when the connection ends.
/// </summary>
public sealed class HandedOffClient
{
    /// <summary>The session's, and the connection's from now on.</summary>
    public long Id { get; init; }

    /// <summary>A connected, non-blocking TCP socket in no epoll set.</summary>
    public required int Descriptor { get; init; }

    /// <summary>The listener as it was when the client was accepted.</summary>
    public required Listener Listener { get; init; }

    /// <summary>Of a tls listener: the section its server name or an action leads to; null = the default site. Always null for http.</summary>
    public OffloadSection? Section { get; init; }

    /// <summary>What TLS is made with: the section's, or the default site's when the client was accepted. Of no meaning for http.</summary>
    public TlsIdentity Tls { get; init; } = TlsIdentity.SelfSigned;

    /// <summary>host_name of the ClientHello as sent: untrusted bytes, any case; empty = none, or an http listener.</summary>
    public byte[] ServerName { get; init; } = [];

    /// <summary>The client's ALPN offer in wire form (RFC 7301): names behind a length byte each.</summary>
    public byte[] AlpnList { get; init; } = [];

    /// <summary>Bytes that had to be taken off the socket already; they come before what it still holds.</summary>
    public ReadOnlyMemory<byte> Taken { get; init; }

    public required IpEndpoint Client { get; init; }

    /// <summary>Our own address of the connection.</summary>
    public required IpEndpoint Local { get; init; }

    public required Lease Lease { get; init; }

    /// <summary>When it was accepted, on the monotonic clock.</summary>
    public long AcceptedMicros { get; init; }
}
