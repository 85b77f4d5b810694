using System.Net;
using System.Text;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

public class IpEndpointTests
{
    [Theory]
    [InlineData("192.0.2.1", 443, "192.0.2.1:443")]
    [InlineData("0.0.0.0", 0, "0.0.0.0:0")]
    [InlineData("255.255.255.255", 65535, "255.255.255.255:65535")]
    [InlineData("::ffff:192.0.2.1", 443, "192.0.2.1:443")]
    [InlineData("2001:db8::7", 443, "[2001:db8::7]:443")]
    [InlineData("::", 1, "[::]:1")]
    [InlineData("::1", 1, "[::1]:1")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535")]
    public void An_endpoint_is_written_as_address_and_port(string address, int port, string expected)
    {
        IpEndpoint endpoint = IpEndpoint.Create(IPAddress.Parse(address), port);
        Assert.Equal(expected, endpoint.ToString());
        byte[] text = new byte[expected.Length];
        Assert.True(endpoint.TryFormat(text, out int written));
        Assert.Equal(expected, Encoding.ASCII.GetString(text, 0, written));
        Assert.True(IpEndpoint.TryParse(expected, out IpEndpoint parsed));
        Assert.Equal(endpoint, parsed);
    }

    [Fact]
    public void No_address_is_a_dash()
    {
        byte[] text = new byte[IpEndpoint.TextBytesMax];
        Assert.Equal("-", default(IpEndpoint).ToString());
        Assert.True(default(IpEndpoint).TryFormat(text, out int written));
        Assert.Equal("-", Encoding.ASCII.GetString(text, 0, written));
        Assert.True(default(IpEndpoint).TryFormatAddress(text, out written));
        Assert.Equal("-", Encoding.ASCII.GetString(text, 0, written));
    }

    [Fact]
    public void Text_is_written_whole_or_not_at_all()
    {
        IpEndpoint endpoint = IpEndpoint.Create(IPAddress.Parse("2001:db8::7"), 443);
        byte[] text = new byte["[2001:db8::7]:443".Length - 1];
        Assert.False(endpoint.TryFormat(text, out int written));
        Assert.Equal(0, written);
        Assert.All(text, value => Assert.Equal(0, value));
        Assert.False(endpoint.TryFormatAddress(new byte["2001:db8::7".Length - 1], out _));
    }

    /// <summary>Of RFC 5952 4.2 the runs of zero groups are the hard part: each of the 256 patterns is compared with .NET's own text.</summary>
    [Fact]
    public void IPv6_text_is_canonical_for_every_pattern_of_zero_groups()
    {
        var random = new Random(5952);
        Span<byte> bytes = stackalloc byte[16];
        for (int pattern = 0; pattern < 256; pattern++)
        {
            for (int digits = 1; digits <= 4; digits++)
            {
                for (int group = 0; group < 8; group++)
                {
                    int value = (pattern >> group & 1) == 0 ? 0 : random.Next(1 << 4 * (digits - 1), 1 << 4 * digits);
                    bytes[2 * group] = (byte)(value >> 8);
                    bytes[2 * group + 1] = (byte)value;
                }
                AssertCanonical(bytes);
            }
        }
    }

    [Fact]
    public void IPv6_text_is_canonical_for_random_addresses()
    {
        var random = new Random(4291);
        Span<byte> bytes = stackalloc byte[16];
        for (int count = 0; count < 20_000; count++)
        {
            random.NextBytes(bytes);
            for (int zeroes = random.Next(12); zeroes > 0; zeroes--)
                bytes[random.Next(16)] = 0;
            AssertCanonical(bytes);
        }
    }

    [Fact]
    public void IPv4_text_is_that_of_dotNET()
    {
        var random = new Random(791);
        Span<byte> bytes = stackalloc byte[4];
        for (int count = 0; count < 20_000; count++)
        {
            random.NextBytes(bytes);
            Assert.Equal(new IPAddress(bytes).ToString(), Text(IpEndpoint.Create(bytes, 0)));
        }
    }

    /// <summary>.NET writes addresses that embed IPv4 (::a.b.c.d, ISATAP …) in mixed notation; we do not, see IpText.</summary>
    private static void AssertCanonical(ReadOnlySpan<byte> bytes)
    {
        var address = new IPAddress(bytes);
        if (address.IsIPv4MappedToIPv6)
            return;
        string expected = address.ToString();
        string text = Text(IpEndpoint.Create(bytes, 0));
        if (expected.Contains('.', StringComparison.Ordinal))
        {
            Assert.DoesNotContain('.', text);
            Assert.Equal(address, IPAddress.Parse(text));
            return;
        }
        Assert.Equal(expected, text);
    }

    private static string Text(IpEndpoint endpoint)
    {
        byte[] text = new byte[IpEndpoint.TextBytesMax];
        Assert.True(endpoint.TryFormatAddress(text, out int written));
        return Encoding.ASCII.GetString(text, 0, written);
    }
}
