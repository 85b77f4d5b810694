using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

/// <summary>What <see cref="ProxyHeader.Read"/> made of some bytes, in a form that outlives them.</summary>
internal sealed record ProxyOutcome(ProxyHeaderStatus Status, int Bytes, bool IsLocal, IpEndpoint Source, IpEndpoint Destination, string Tlvs, int NeedBytes)
{
    /// <summary>The corpus' word for it.</summary>
    internal string Verdict => Status switch
    {
        ProxyHeaderStatus.Complete => Source.IsNone ? "local" : "ok",
        ProxyHeaderStatus.Incomplete => "incomplete",
        _ => "reject",
    };

    /// <summary>Checks what holds for every input whatsoever.</summary>
    internal static ProxyOutcome Of(ReadOnlySpan<byte> bytes)
    {
        ProxyHeaderStatus status = ProxyHeader.Read(bytes, out ReceivedProxyHeader header, out int needBytes);
        if (status == ProxyHeaderStatus.Incomplete)
            Assert.InRange(needBytes, bytes.Length + 1, ProxyHeader.ReceivedBytesMax);
        else
            Assert.Equal(0, needBytes);
        if (status == ProxyHeaderStatus.Complete)
            Assert.InRange(header.Bytes, 1, Math.Min(bytes.Length, ProxyHeader.ReceivedBytesMax));
        else
            Assert.Equal((0, false, 0), (header.Bytes, header.IsLocal, header.Tlvs.Length));
        Assert.Equal(header.Source.IsNone, header.Destination.IsNone);
        Assert.True(header.Source.IsNone || status == ProxyHeaderStatus.Complete && !header.IsLocal);
        Assert.Equal(status == ProxyHeaderStatus.None, ProxyHeader.MatchSignature(bytes) == SignatureMatch.None);
        Assert.True(header.Tlvs.IsEmpty || bytes[..header.Bytes].EndsWith(header.Tlvs));
        return new ProxyOutcome(status, header.Bytes, header.IsLocal, header.Source, header.Destination, Convert.ToHexString(header.Tlvs), needBytes);
    }
}
