using FastSni.Http;
using Xunit;

namespace FastSni.Tests.Http;

public class HostHeaderTests
{
    [Theory]
    [InlineData("example.org", "example.org", null)]
    [InlineData("EXAMPLE.Org", "example.org", null)]
    [InlineData("example.org.", "example.org", null)]
    [InlineData("Example.org.:8443", "example.org", 8443)]
    [InlineData("example.org:", "example.org", null)]
    [InlineData("example.org:0", "example.org", 0)]
    [InlineData("example.org:00443", "example.org", 443)]
    [InlineData("example.org:65535", "example.org", 65535)]
    [InlineData("a_b.xn--bcher-kva.example", "a_b.xn--bcher-kva.example", null)]
    [InlineData("localhost", "localhost", null)]
    [InlineData("7.example", "7.example", null)]
    [InlineData("192.0.2.1", "192.0.2.1", null)]
    [InlineData("192.0.2.1:80", "192.0.2.1", 80)]
    [InlineData("[2001:DB8:0:0::1]:443", "[2001:db8::1]", 443)]
    [InlineData("[::1]", "[::1]", null)]
    public void A_host_has_one_canonical_form(string text, string name, int? port)
    {
        Assert.True(HostHeader.TryParse(text, out HostHeader host));
        Assert.Equal((name, port), (host.Name, host.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(":80")]
    [InlineData("example.org..")]
    [InlineData(".example.org")]
    [InlineData("a..example.org")]
    [InlineData("example.org:65536")]
    [InlineData("example.org:000443")]
    [InlineData("example.org:+80")]
    [InlineData("example.org: 80")]
    [InlineData("example.org:80:80")]
    [InlineData("example.org:80x")]
    [InlineData(" example.org")]
    [InlineData("example.org ")]
    [InlineData("example.org\t")]
    [InlineData("example.org\0")]
    [InlineData("example.org\r\nX: y")]
    [InlineData("a@example.org")]
    [InlineData("example.org,other.org")]
    [InlineData("example.org/x")]
    [InlineData("example.org\\x")]
    [InlineData("example%2eorg")]
    [InlineData("b\u00FCcher.example")]
    [InlineData("\u212Aelvin.example")]
    [InlineData("*.example.org")]
    [InlineData("example.org?x")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.256")]
    [InlineData("01.2.3.4")]
    [InlineData("2130706433")]
    [InlineData("example.1")]
    [InlineData("::1")]
    [InlineData("[]")]
    [InlineData("[::1")]
    [InlineData("[::1%25eth0]")]
    [InlineData("[::1/64]")]
    [InlineData("[::1]x")]
    [InlineData("[1.2.3.4]")]
    [InlineData("[[::1]]")]
    [InlineData("[v1.a]")]
    public void What_may_be_read_in_two_ways_is_no_host(string text) => Assert.False(HostHeader.TryParse(text, out _));

    [Fact]
    public void Lengths_have_their_limits()
    {
        string label = new('a', 63);
        string longest = $"{label}.{label}.{label}.{new string('b', 61)}";
        Assert.Equal(253, longest.Length);
        Assert.True(HostHeader.TryParse(longest, out _));
        Assert.True(HostHeader.TryParse(longest + ".", out _));
        Assert.False(HostHeader.TryParse(longest + "b", out _));
        Assert.False(HostHeader.TryParse(longest + ":80", out _));
        Assert.False(HostHeader.TryParse($"a{label}.example", out _));
    }
}
