using System.Security.Cryptography;

namespace FastSni.NativeTests.Support;

/// <summary>Bytes that are the same in every run, and so irregular that a lost or doubled piece shows.</summary>
internal static class Pattern
{
    internal static byte[] Of(int bytes, int seed = 1)
    {
        var pattern = new byte[bytes];
        new Random(seed).NextBytes(pattern);
        return pattern;
    }

    internal static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes));
}
