using System.Net;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

public class AddressPrefixTests
{
    private static readonly byte[] V4 = [0xAB, 0xCD, 0xEF, 0xFF];
    private static readonly byte[] V6 = [.. Enumerable.Range(0, 16).Select(index => (byte)(0xFF - index))];

    [Fact]
    public void Masking_keeps_the_first_bits_and_clears_the_others()
    {
        foreach (byte[] address in new[] { V4, V6 })
        {
            for (int bits = 0; bits <= address.Length * 8; bits++)
                Assert.Equal(IpEndpoint.Create(SlowlyMasked(address, bits), 0), IpEndpoint.Create(address, 443).Masked(bits));
        }
    }

    [Fact]
    public void A_prefix_contains_what_agrees_with_it_in_its_bits()
    {
        foreach (byte[] address in new[] { V4, V6 })
        {
            for (int bits = 0; bits <= address.Length * 8; bits++)
            {
                var prefix = new AddressPrefix(IpEndpoint.Create(SlowlyMasked(address, bits), 0), bits);
                for (int flipped = 0; flipped < address.Length * 8; flipped++)
                {
                    byte[] other = [.. address];
                    other[flipped / 8] ^= (byte)(0x80 >> flipped % 8);
                    Assert.Equal(flipped >= bits, prefix.Contains(IpEndpoint.Create(other, 443)));
                }
                Assert.True(prefix.Contains(IpEndpoint.Create(address, 443)));
                Assert.True(AddressPrefix.TryParse(prefix.ToString(), out AddressPrefix parsed));
                Assert.Equal(prefix, parsed);
            }
        }
    }

    [Fact]
    public void Families_do_not_contain_each_other_and_none_is_in_nothing()
    {
        AddressPrefix allV4 = Parse("0.0.0.0/0"), allV6 = Parse("::/0");
        Assert.False(allV4.Contains(IpEndpoint.Create(V6, 0)));
        Assert.False(allV6.Contains(IpEndpoint.Create(V4, 0)));
        Assert.False(allV4.Contains(default));
        Assert.False(allV6.Contains(default));
        Assert.False(allV4.Overlaps(allV6));
        Assert.True(allV4.Contains(IpEndpoint.Create(IPAddress.Parse("::ffff:192.0.2.1"), 0)));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", true)]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", true)]
    [InlineData("10.0.0.0/9", "10.128.0.0/9", false)]
    [InlineData("2001:db8::/32", "2001:db8::7", true)]
    [InlineData("2001:db8::7", "2001:db8::8", false)]
    public void Prefixes_overlap_where_one_contains_the_other(string one, string other, bool expected) => Assert.Equal(expected, Parse(one).Overlaps(Parse(other)));

    [Fact]
    public void An_address_alone_is_a_prefix_of_all_its_bits()
    {
        Assert.Equal(Parse("192.0.2.1/32"), AddressPrefix.Of(IpEndpoint.Create(IPAddress.Parse("192.0.2.1"), 443)));
        Assert.Equal("192.0.2.1", Parse("192.0.2.1/32").ToString());
        Assert.Equal(Parse("2001:db8::7"), AddressPrefix.Of(IpEndpoint.Create(IPAddress.Parse("2001:db8::7"), 443)));
        Assert.Equal("2001:db8::/32", AddressPrefix.Of(IPNetwork.Parse("2001:db8::/32")).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/8")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.1/16")]
    [InlineData("010.0.0.0/8")]
    [InlineData("::1/129")]
    [InlineData("2001:db8::1/64")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%1")]
    [InlineData("::ffff:192.0.2.1")]
    [InlineData("app.example.org")]
    public void Other_text_is_not_read(string text) => Assert.False(AddressPrefix.TryParse(text, out _));

    private static AddressPrefix Parse(string text) => AddressPrefix.TryParse(text, out AddressPrefix prefix) ? prefix : throw new FormatException(text);

    private static byte[] SlowlyMasked(byte[] address, int bits)
    {
        byte[] masked = new byte[address.Length];
        for (int bit = 0; bit < bits; bit++)
            masked[bit / 8] |= (byte)(address[bit / 8] & 0x80 >> bit % 8);
        return masked;
    }
}
