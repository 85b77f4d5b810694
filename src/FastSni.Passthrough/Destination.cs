using FastSni.Backends;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>Where a session goes.</summary>
internal struct Destination
{
    internal Route? Route;
    internal Server? Server;
    /// <summary>The server's addresses as they were when it was chosen; empty for a unix socket.</summary>
    internal IpEndpoint[] Addresses;
    /// <summary>Servers tried so far, a bit each.</summary>
    internal ulong Tried;
    /// <summary>Which address of the current server is being tried or was reached.</summary>
    internal ushort AddressIndex;
    /// <summary>Connections begun; only its low bits matter, to tell their events apart.</summary>
    internal byte Attempts;

    /// <summary>The port the client connected to, at the proxy if there is one: for a server written without a port.</summary>
    internal ushort LocalPort;

    /// <summary>The current server has an address that was not tried.</summary>
    internal readonly bool HasNextAddress => Server is not null && AddressIndex + 1 < Addresses.Length;

    /// <summary>The address that is being tried or was reached; none where there is none.</summary>
    internal readonly IpEndpoint Address()
    {
        if (Addresses is null || AddressIndex >= Addresses.Length)
            return default;
        IpEndpoint address = Addresses[AddressIndex];
        return Server!.Config.Port is null ? address.WithPort(LocalPort) : address;
    }
}
