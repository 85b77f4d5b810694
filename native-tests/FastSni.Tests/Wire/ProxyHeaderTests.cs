using System.Net;
using System.Text;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

public class ProxyHeaderTests
{
    private const string SignatureHex = "0D0A0D0A000D0A515549540A";

    private static readonly IpEndpoint V4 = At("192.0.2.1", 50123);
    private static readonly IpEndpoint V4Server = At("198.51.100.2", 443);
    private static readonly IpEndpoint V6 = At("2001:db8::7", 50123);
    private static readonly IpEndpoint V6Server = At("2001:db8:1::443", 443);

    [Fact]
    public void Version_1_is_one_line_of_text()
    {
        Assert.Equal("PROXY TCP4 192.0.2.1 198.51.100.2 50123 443\r\n", V1(V4, V4Server));
        Assert.Equal("PROXY TCP6 2001:db8::7 2001:db8:1::443 50123 443\r\n", V1(V6, V6Server));
    }

    [Fact]
    public void Version_1_writes_mixed_families_as_IPv6()
    {
        Assert.Equal("PROXY TCP6 2001:db8::7 ::ffff:198.51.100.2 50123 443\r\n", V1(V6, V4Server));
        Assert.Equal("PROXY TCP6 ::ffff:192.0.2.1 2001:db8:1::443 50123 443\r\n", V1(V4, V6Server));
    }

    [Fact]
    public void A_v4_mapped_client_is_an_IPv4_client() =>
        Assert.Equal("PROXY TCP4 192.0.2.1 198.51.100.2 50123 443\r\n", V1(At("::ffff:192.0.2.1", 50123), V4Server));

    [Fact]
    public void Without_an_address_version_1_says_UNKNOWN_and_nothing_else()
    {
        Assert.Equal("PROXY UNKNOWN\r\n", V1(default, V4Server));
        Assert.Equal("PROXY UNKNOWN\r\n", V1(V6, default));
    }

    [Theory]
    [InlineData("255.255.255.255", 56)]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 104)]
    [InlineData("ffff:ffff:ffff:ffff:0:5efe:ffff:ffff", 11 + 2 * 36 + 3 + 10 + 2)]    // ISATAP: mixed notation would be longer.
    public void The_longest_lines_stay_within_107_bytes(string address, int lineBytes)
    {
        string line = V1(At(address, 65535), At(address, 65535));
        Assert.Equal(lineBytes, line.Length);
        Assert.InRange(line.Length, 1, ProxyHeader.V1BytesMax);
    }

    [Fact]
    public void Version_2_carries_addresses_and_ports_in_network_order()
    {
        Assert.Equal(SignatureHex + "2111000C" + "C0000201" + "C6336402" + "C3CB01BB", V2(V4, V4Server, default));
        Assert.Equal(
            SignatureHex + "21210024" + "20010DB8000000000000000000000007" + "20010DB8000100000000000000000443" + "C3CB01BB",
            V2(V6, V6Server, default));
    }

    [Fact]
    public void Version_2_writes_mixed_families_as_IPv6()
    {
        Assert.Equal(
            SignatureHex + "21210024" + "20010DB8000000000000000000000007" + "00000000000000000000FFFFC6336402" + "C3CB01BB",
            V2(V6, V4Server, default));
        Assert.Equal(
            SignatureHex + "21210024" + "00000000000000000000FFFFC0000201" + "20010DB8000100000000000000000443" + "C3CB01BB",
            V2(V4, V6Server, default));
    }

    [Fact]
    public void Without_an_address_version_2_says_LOCAL()
    {
        var tlvs = new ProxyTlvSet { Authority = "a.example"u8, Crc32c = true };
        Assert.Equal(SignatureHex + "20000000", V2(default, V4Server, tlvs));
        Assert.Equal(SignatureHex + "20000000", V2(V4, default, tlvs));
        byte[] local = new byte[16];
        Assert.Equal(16, ProxyHeader.WriteV2Local(local));
        Assert.Equal(SignatureHex + "20000000", Convert.ToHexString(local));
    }

    [Fact]
    public void TLVs_follow_the_addresses_and_count_in_the_length()
    {
        var tlvs = new ProxyTlvSet { Authority = "a.example"u8, Alpn = "h2"u8, UniqueId = [0xAB, 0xCD] };
        Assert.Equal(
            SignatureHex + "21110022" + "C0000201" + "C6336402" + "C3CB01BB" + "0100026832" + "020009612E6578616D706C65" + "050002ABCD",
            V2(V4, V4Server, tlvs));
    }

    [Fact]
    public void An_empty_TLV_is_left_out() =>
        Assert.Equal(
            SignatureHex + "21110010" + "C0000201" + "C6336402" + "C3CB01BB" + "0500012A",
            V2(V4, V4Server, new ProxyTlvSet { Authority = [], UniqueId = "*"u8 }));

    [Fact]
    public void The_checksum_covers_the_whole_header()
    {
        // Row v2-ok-icgood-crc of the public PROXY protocol vectors, written by another implementation.
        var tlvs = new ProxyTlvSet { Crc32c = true };
        Assert.Equal(
            SignatureHex + "21110013" + "00000000" + "7F000001" + "00000019" + "03000425C91172",
            V2(At("0.0.0.0", 0), At("127.0.0.1", 25), tlvs));
    }

    [Fact]
    public void The_checksum_is_CRC_32C()
    {
        Assert.Equal(0xE3069283u, ProxyHeader.Crc32C("123456789"u8));
        Assert.Equal(0x8A9136AAu, ProxyHeader.Crc32C(new byte[32]));     // RFC 3720 B.4; printed there in the order of its bytes.
        Assert.Equal(0x62A8AB43u, ProxyHeader.Crc32C([.. Enumerable.Repeat((byte)0xFF, 32)]));
    }

    [Fact]
    public void The_largest_header_takes_exactly_the_stated_bytes()
    {
        byte[] header = new byte[ProxyHeader.BytesMax];
        var tlvs = new ProxyTlvSet { Authority = new byte[255], Alpn = new byte[255], UniqueId = new byte[128], Crc32c = true };
        Assert.Equal(ProxyHeader.BytesMax, ProxyHeader.WriteV2(header, V6, V6Server, tlvs));
        Assert.Equal(ProxyHeader.BytesMax - 16, header[14] << 8 | header[15]);
    }

    [Fact]
    public void Too_large_TLVs_and_too_small_targets_are_our_own_mistakes()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => V2(V4, V4Server, new ProxyTlvSet { UniqueId = new byte[129] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => V2(V4, V4Server, new ProxyTlvSet { Authority = new byte[256] }));
        Assert.ThrowsAny<ArgumentException>(() => ProxyHeader.WriteV1(new byte[20], V4, V4Server));
        Assert.ThrowsAny<ArgumentException>(() => ProxyHeader.WriteV2(new byte[27], V4, V4Server, default));
    }

    [Theory]
    [InlineData("", SignatureMatch.Partial)]
    [InlineData("P", SignatureMatch.Partial)]
    [InlineData("PROXY", SignatureMatch.Partial)]
    [InlineData("PROXY ", SignatureMatch.Whole)]
    [InlineData("PROXY TCP4", SignatureMatch.Whole)]
    [InlineData("PROXI", SignatureMatch.None)]
    [InlineData("proxy ", SignatureMatch.None)]
    [InlineData("\r\n\r\n\0\r\nQUIT", SignatureMatch.Partial)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n", SignatureMatch.Whole)]
    [InlineData("\r\n\r\n\0\r\nQUIT\r", SignatureMatch.None)]
    [InlineData("\r\n", SignatureMatch.Partial)]
    [InlineData("\u0016", SignatureMatch.None)]
    public void Signatures_are_recognised_whole_and_in_part(string text, SignatureMatch expected) =>
        Assert.Equal(expected, ProxyHeader.MatchSignature(Encoding.Latin1.GetBytes(text)));

    private static IpEndpoint At(string address, int port) => IpEndpoint.Create(IPAddress.Parse(address), port);

    private static string V1(IpEndpoint source, IpEndpoint destination)
    {
        byte[] line = new byte[ProxyHeader.V1BytesMax];
        return Encoding.ASCII.GetString(line, 0, ProxyHeader.WriteV1(line, source, destination));
    }

    private static string V2(IpEndpoint source, IpEndpoint destination, in ProxyTlvSet tlvs)
    {
        byte[] header = new byte[ProxyHeader.BytesMax];
        return Convert.ToHexString(header, 0, ProxyHeader.WriteV2(header, source, destination, tlvs));
    }
}
