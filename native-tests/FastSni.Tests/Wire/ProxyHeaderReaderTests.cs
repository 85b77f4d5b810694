using System.Net;
using System.Text;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

public class ProxyHeaderReaderTests
{
    private const string SignatureHex = "0D0A0D0A000D0A515549540A";

    [Fact]
    public void What_we_write_is_what_we_read()
    {
        var random = new Random(1905);
        byte[] target = new byte[ProxyHeader.BytesMax];
        for (int count = 0; count < 5_000; count++)
        {
            IpEndpoint source = RandomEndpoint(random), destination = RandomEndpoint(random);
            ProxyOutcome line = ProxyOutcome.Of(target.AsSpan(0, ProxyHeader.WriteV1(target, source, destination)));
            Assert.Equal((ProxyHeaderStatus.Complete, source, destination, ""), (line.Status, line.Source, line.Destination, line.Tlvs));

            var tlvs = new ProxyTlvSet { Authority = RandomBytes(random), Alpn = RandomBytes(random), UniqueId = RandomBytes(random), Crc32c = random.Next(2) == 0 };
            int headerBytes = ProxyHeader.WriteV2(target, source, destination, tlvs);
            ProxyOutcome header = ProxyOutcome.Of(target.AsSpan(0, headerBytes));
            Assert.Equal((ProxyHeaderStatus.Complete, source, destination), (header.Status, header.Source, header.Destination));
            Assert.Equal(headerBytes - 16 - (source.IsV4 && destination.IsV4 ? 12 : 36), header.Tlvs.Length / 2);
        }
    }

    [Fact]
    public void Nobody_comes_back_as_nobody()
    {
        byte[] target = new byte[ProxyHeader.BytesMax];
        ProxyOutcome unknown = ProxyOutcome.Of(target.AsSpan(0, ProxyHeader.WriteV1(target, default, default)));
        Assert.Equal((15, false, true), (unknown.Bytes, unknown.IsLocal, unknown.Source.IsNone));
        ProxyOutcome local = ProxyOutcome.Of(target.AsSpan(0, ProxyHeader.WriteV2Local(target)));
        Assert.Equal((16, true, true), (local.Bytes, local.IsLocal, local.Source.IsNone));
    }

    [Theory]
    [InlineData(107, ProxyHeaderStatus.Complete)]
    [InlineData(108, ProxyHeaderStatus.Malformed)]
    public void A_line_may_take_107_bytes(int lineBytes, ProxyHeaderStatus expected)
    {
        byte[] line = Encoding.ASCII.GetBytes("PROXY UNKNOWN ".PadRight(lineBytes - 2, 'x') + "\r\n");
        Assert.Equal(expected, ProxyOutcome.Of(line).Status);
        Assert.Equal(ProxyHeaderStatus.Incomplete, ProxyOutcome.Of(line.AsSpan(0, 105)).Status);
    }

    [Fact]
    public void A_line_without_an_end_is_refused_at_106_bytes()
    {
        byte[] line = Encoding.ASCII.GetBytes("PROXY ".PadRight(4096));
        Assert.Equal(ProxyHeaderStatus.Incomplete, ProxyOutcome.Of(line.AsSpan(0, 105)).Status);
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyOutcome.Of(line.AsSpan(0, 106)).Status);
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyOutcome.Of(line).Status);
    }

    [Theory]
    [InlineData("PROXY UNKNOWN\n")]
    [InlineData("PROXY UNKNOWN\r ")]
    [InlineData("PROXY UNKNOWN\r\r\n")]
    [InlineData("PROXY UNKNOWN x\ry\r\n")]
    [InlineData("PROXY UNKNOWNX\r\n")]
    [InlineData("PROXY \r\n")]
    [InlineData("PROXY TCP4\r\n")]
    [InlineData("PROXY TCP4 \r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 \r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 00\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 0x2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 4294967297 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1\t2\r\n")]
    [InlineData("PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4.5 5.6.7.8 1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3. 5.6.7.8 1 2\r\n")]
    [InlineData("PROXY TCP4 16909060 5.6.7.8 1 2\r\n")]
    [InlineData("PROXY TCP6 :: ::ffff:1.2.3.04 1 2\r\n")]
    public void A_line_of_any_other_form_is_malformed(string line) =>
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyOutcome.Of(Encoding.ASCII.GetBytes(line)).Status);

    [Fact]
    public void Of_all_family_bytes_two_carry_endpoints_and_the_unknown_ones_are_refused()
    {
        for (int family = 0; family < 256; family++)
        {
            ProxyOutcome proxied = V2(0x21, family, new byte[216]);
            bool isDefined = family >> 4 <= 3 && (family & 0xF) <= 2;
            Assert.Equal(isDefined ? ProxyHeaderStatus.Complete : ProxyHeaderStatus.Malformed, proxied.Status);
            Assert.Equal(family is 0x11 or 0x21, !proxied.Source.IsNone);
            ProxyOutcome local = V2(0x20, family, new byte[216]);
            Assert.Equal((ProxyHeaderStatus.Complete, true, true), (local.Status, local.IsLocal, local.Source.IsNone));
        }
    }

    [Fact]
    public void Of_all_command_bytes_two_are_known()
    {
        for (int command = 0; command < 256; command++)
            Assert.Equal(command is 0x20 or 0x21 ? ProxyHeaderStatus.Complete : ProxyHeaderStatus.Malformed, V2(command, 0x11, new byte[12]).Status);
    }

    [Theory]
    [InlineData(0x11, 12)]
    [InlineData(0x12, 12)]
    [InlineData(0x21, 36)]
    [InlineData(0x22, 36)]
    [InlineData(0x31, 216)]
    [InlineData(0x32, 216)]
    public void A_length_that_has_no_room_for_the_addresses_is_refused_at_once(int family, int blockBytes)
    {
        byte[] header = V2Bytes(0x21, family, new byte[blockBytes - 1]);
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyOutcome.Of(header.AsSpan(0, 16)).Status);
        Assert.Equal(ProxyHeaderStatus.Complete, V2(0x21, family, new byte[blockBytes]).Status);
    }

    [Theory]
    [InlineData("04", ProxyHeaderStatus.Malformed)]
    [InlineData("0400", ProxyHeaderStatus.Malformed)]
    [InlineData("040000", ProxyHeaderStatus.Complete)]
    [InlineData("040001", ProxyHeaderStatus.Malformed)]
    [InlineData("04000100", ProxyHeaderStatus.Complete)]
    [InlineData("0400010000", ProxyHeaderStatus.Malformed)]
    [InlineData("030003000000", ProxyHeaderStatus.Malformed)]
    [InlineData("0300050000000000", ProxyHeaderStatus.Malformed)]
    public void Every_TLV_must_be_whole(string tlvs, ProxyHeaderStatus expected) =>
        Assert.Equal(expected, V2(0x21, 0x11, [.. new byte[12], .. Convert.FromHexString(tlvs)]).Status);

    [Theory]
    [InlineData(0x20, 0x00)]
    [InlineData(0x20, 0x11)]
    [InlineData(0x21, 0x00)]
    public void Where_the_family_says_nothing_what_follows_may_be_anything(int command, int family)
    {
        ProxyOutcome outcome = V2(command, family, "asdfghjkl"u8);
        Assert.Equal((ProxyHeaderStatus.Complete, 25, ""), (outcome.Status, outcome.Bytes, outcome.Tlvs));
    }

    [Fact]
    public void A_checksum_finds_every_flipped_bit_wherever_it_stands()
    {
        byte[] header = V2Bytes(0x21, 0x11, [192, 0, 2, 1, 192, 0, 2, 2, 0, 80, 1, 187, 0x04, 0, 1, 7, 0x03, 0, 4, 0, 0, 0, 0, 0x05, 0, 2, 8, 9]);
        uint crc = ProxyHeader.Crc32C(header);
        for (int index = 0; index < 4; index++)
            header[^(9 - index)] = (byte)(crc >> 8 * (3 - index));
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyOutcome.Of(header).Status);
        // The lengths of header and TLVs are left alone: they decide where the checksum is.
        foreach (int at in Enumerable.Range(16, 12).Concat([31, 35, 36, 37, 38, 39, 42, 43]))
        {
            for (int bit = 0; bit < 8; bit++)
            {
                header[at] ^= (byte)(1 << bit);
                Assert.Equal(ProxyHeaderStatus.Malformed, ProxyOutcome.Of(header).Status);
                header[at] ^= (byte)(1 << bit);
            }
        }
    }

    [Fact]
    public void A_second_checksum_is_refused()
    {
        byte[] header = V2Bytes(0x21, 0x11, [.. new byte[12], 0x03, 0, 4, 0, 0, 0, 0, 0x03, 0, 4, 0, 0, 0, 0]);
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyOutcome.Of(header).Status);
    }

    private static IpEndpoint RandomEndpoint(Random random)
    {
        byte[] address = new byte[random.Next(2) == 0 ? 4 : 16];
        random.NextBytes(address);
        for (int zeroes = random.Next(12); zeroes > 0; zeroes--)
            address[random.Next(address.Length)] = 0;
        return IpEndpoint.Create(new IPAddress(address), random.Next(65536));
    }

    private static byte[] RandomBytes(Random random)
    {
        byte[] bytes = new byte[random.Next(129)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static ProxyOutcome V2(int command, int family, ReadOnlySpan<byte> rest) => ProxyOutcome.Of(V2Bytes(command, family, rest));

    private static byte[] V2Bytes(int command, int family, ReadOnlySpan<byte> rest) =>
        [.. Convert.FromHexString(SignatureHex), (byte)command, (byte)family, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];
}
