using System.Text;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

/// <summary>What <see cref="ClientHello.Read"/> made of some bytes, in a form that outlives them. Names are Latin-1, as in the corpus.</summary>
internal sealed record Outcome(HelloStatus Status, string Name, string Alpn, int WireBytes, int NeedBytes)
{
    internal const int DefaultLimitBytes = 64 * 1024;

    /// <summary>More than a handshake message can announce (2^24), so that the limit decides nothing.</summary>
    internal const int NoLimitBytes = 1 << 25;

    /// <summary>The corpus' word for it.</summary>
    internal string Verdict => Status switch
    {
        HelloStatus.Complete => Name.Length > 0 ? "sni" : "nosni",
        HelloStatus.Incomplete => "incomplete",
        _ => "invalid",
    };

    /// <summary>Reads a copy, and checks what holds for every input whatsoever.</summary>
    internal static Outcome Of(ReadOnlySpan<byte> bytes, int limitBytes = NoLimitBytes)
    {
        byte[] copy = bytes.ToArray();
        HelloStatus status = ClientHello.Read(copy, limitBytes, out ClientHello hello, out int needBytes);
        var outcome = new Outcome(status, Encoding.Latin1.GetString(hello.ServerName), Joined(hello.AlpnList), hello.WireBytes, needBytes);

        if (status == HelloStatus.Incomplete)
            Assert.InRange(needBytes, bytes.Length + 1, limitBytes);
        else
            Assert.Equal(0, needBytes);
        if (status == HelloStatus.Complete)
            Assert.InRange(hello.WireBytes, 1, Math.Min(bytes.Length, limitBytes));
        else
            Assert.Equal((0, 0, 0), (hello.WireBytes, hello.ServerName.Length, hello.AlpnList.Length));
        Assert.InRange(outcome.Name.Length, 0, 255);
        Assert.DoesNotContain('\0', outcome.Name);
        if (status is HelloStatus.Incomplete or HelloStatus.TooLarge or HelloStatus.NotTls or HelloStatus.ProxyHeader)
            Assert.True(bytes.SequenceEqual(copy), "bytes that will be looked at again were rewritten");
        return outcome;
    }

    internal static string Joined(ReadOnlySpan<byte> alpnList)
    {
        List<string> names = [];
        foreach (ReadOnlySpan<byte> name in AlpnNames.Of(alpnList))
            names.Add(Encoding.Latin1.GetString(name));
        return string.Join(',', names);
    }
}
