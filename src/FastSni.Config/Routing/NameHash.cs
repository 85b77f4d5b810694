namespace FastSni.Config.Routing;

/// <summary>
/// A hash taken from a name's last byte to its first, so that one pass over a name passes through the hash of each of its
/// suffixes. Case does not matter to it.
/// </summary>
internal static class NameHash
{
    /// <summary>Differs between processes, so that nobody can prepare names that collide.</summary>
    public static readonly ulong Start = (ulong)Random.Shared.NextInt64();

    // Odd constants without pattern: 2^64 divided by the golden ratio, and the first multiplier of MurmurHash3's finaliser.
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;
    private const ulong Finish = 0xFF51_AFD7_ED55_8CCD;

    // Setting bit 5 lowers letters. Other bytes that fall together by it only share a hash; comparing tells them apart.
    public static ulong Add(ulong hash, byte character) => (hash ^ (character | 0x20u)) * Step;

    public static uint End(ulong hash) => (uint)(((hash ^ (hash >> 32)) * Finish) >> 32);

    public static uint Of(ReadOnlySpan<byte> name)
    {
        ulong hash = Start;
        for (int i = name.Length - 1; i >= 0; i--)
            hash = Add(hash, name[i]);
        return End(hash);
    }
}
