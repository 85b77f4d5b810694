using System.Text;
using FastSni.Wire;

namespace FastSni.Backends;

/// <summary>FNV-1a, 64 bits, unseeded: two routers with the same configuration send the same client to the same server.</summary>
internal static class SourceHash
{
    private const ulong Offset = 14695981039346656037, Prime = 1099511628211;

    internal static ulong Of(string text) => Add(Offset, Encoding.UTF8.GetBytes(text));

    /// <summary>How much this client wants this server; the highest wins (rendezvous hashing), so that a lost server moves only its own clients.</summary>
    internal static ulong Weight(IpEndpoint client, ulong serverHash)
    {
        Span<byte> bytes = stackalloc byte[16];
        ulong hash = Add(serverHash, bytes[..client.ClientKey.CopyAddress(bytes)]);
        // FNV's low bits are weak on short inputs; one multiply-shift round spreads them.
        hash ^= hash >> 32;
        hash *= 0x9E3779B97F4A7C15;
        return hash ^ (hash >> 29);
    }

    private static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
            hash = (hash ^ value) * Prime;
        return hash;
    }
}
