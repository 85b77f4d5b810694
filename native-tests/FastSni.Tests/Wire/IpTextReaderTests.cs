using System.Net;
using System.Net.Sockets;
using System.Text;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

public class IpTextReaderTests
{
    [Theory]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1::", "1::")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [InlineData("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8")]
    [InlineData("2001:0DB8:0000:0000:0000:0000:0000:0007", "2001:db8::7")]
    [InlineData("64:ff9b::192.0.2.33", "64:ff9b::c000:221")]
    [InlineData("1:2:3:4:5:6:192.0.2.33", "1:2:3:4:5:6:c000:221")]
    public void IPv6_is_read_in_every_form_of_RFC_4291(string text, string same) => Assert.Equal(IPAddress.Parse(same), V6(text));

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("::::")]
    [InlineData(":1")]
    [InlineData("1:")]
    [InlineData("1::2:")]
    [InlineData(":1::2")]
    [InlineData("1::2::3")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4::5:6:7:8")]
    [InlineData("12345::")]
    [InlineData("00001::")]
    [InlineData("g::")]
    [InlineData("0x1::")]
    [InlineData("+1::")]
    [InlineData("-1::")]
    [InlineData(" ::1")]
    [InlineData("::1%lo")]
    [InlineData("[::1]")]
    [InlineData("::1.2.3")]
    [InlineData("::1.2.3.4.5")]
    [InlineData("::1.2.3.256")]
    [InlineData("::01.2.3.4")]
    [InlineData("1.2.3.4")]
    [InlineData("1.2.3.4::")]
    [InlineData("::1.2.3.4:5")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    [InlineData("1:2:3:4:5:6::1.2.3.4")]
    public void IPv6_of_any_other_form_is_not_read(string text) => Assert.Null(V6(text));

    [Fact]
    public void What_is_written_is_read()
    {
        var random = new Random(5952);
        byte[] bytes = new byte[16];
        byte[] written = new byte[IpEndpoint.TextBytesMax];
        for (int count = 0; count < 20_000; count++)
        {
            random.NextBytes(bytes);
            for (int zeroes = random.Next(15); zeroes > 0; zeroes--)
                bytes[random.Next(16)] = 0;
            var address = new IPAddress(bytes);
            Assert.Equal(address, V6(address.ToString()));
            IpEndpoint endpoint = IpEndpoint.Create(address, 0);
            Assert.True(endpoint.TryFormatAddress(written, out int length));
            Assert.Equal(endpoint.ToIPAddress(), Read(Encoding.ASCII.GetString(written, 0, length), endpoint.AddressBytes));
            address = new IPAddress(bytes.AsSpan(0, 4));
            Assert.Equal(address, Read(address.ToString(), 4));
        }
    }

    [Fact]
    public void Whatever_is_read_dotNET_reads_alike()
    {
        const string Letters = "0123456789afAFg:::::...";
        var random = new Random(4291);
        int read = 0;
        for (int count = 0; count < 200_000; count++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(2, 12)).Select(_ => Letters[random.Next(Letters.Length)]));
            if (V6(text) is not { } address)
                continue;
            read++;
            Assert.True(IPAddress.TryParse(text, out IPAddress? reference), text);
            Assert.Equal((reference, AddressFamily.InterNetworkV6), (address, reference.AddressFamily));
        }
        Assert.InRange(read, 1_000, 200_000);
    }

    private static IPAddress? V6(string text) => Read(text, 16);

    private static IPAddress? Read(string text, int addressBytes)
    {
        byte[] address = new byte[addressBytes];
        return IpText.TryRead(Encoding.ASCII.GetBytes(text), address) ? new IPAddress(address) : null;
    }
}
