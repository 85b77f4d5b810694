namespace FastSni.Wire;

public static partial class ProxyHeader
{
    /// <summary>The longest header read: version 2 with everything its 16 bits of length allow.</summary>
    public const int ReceivedBytesMax = V2HeadBytes + ushort.MaxValue;

    /// <summary>Reads a header of either version, strictly (proxy-protocol.txt 2.1 and 2.2).</summary>
    /// <param name="bytes">The first bytes of a connection; what follows the header is left alone.</param>
    /// <param name="header">Set when the status is <see cref="ProxyHeaderStatus.Complete"/>.</param>
    /// <param name="needBytes">When it is <see cref="ProxyHeaderStatus.Incomplete"/>: how many must be there before another look is worth it.</param>
    public static ProxyHeaderStatus Read(ReadOnlySpan<byte> bytes, out ReceivedProxyHeader header, out int needBytes) =>
        throw new NotImplementedException();
}
