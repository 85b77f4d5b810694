using System.Net;
using System.Text;
using FastSni.Operations;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Operations;

public class EndpointTextTests
{
    [Theory]
    [InlineData("0.0.0.0:0")]
    [InlineData("255.255.255.255:65535")]
    [InlineData("[::]:443")]
    [InlineData("[::1]:443")]
    [InlineData("[2001:db8::]:443")]
    [InlineData("[2001:db8::7]:40112")]
    [InlineData("[2001:db8:0:1:1:1:1:1]:1")]
    [InlineData("[2001:0:0:1::1]:1")]
    [InlineData("[2001:db8::1:0:0:1]:1")]
    [InlineData("[1111:2222:3333:4444:5555:6666:7777:8888]:65535")]
    public void An_endpoint_is_written_as_RFC_5952_asks(string text) => Assert.Equal(text, Format(Records.Endpoint(text)));

    [Fact]
    public void A_mapped_address_is_IPv4() => Assert.Equal("192.0.2.1:443", Format(IpEndpoint.Create(IPAddress.Parse("::ffff:192.0.2.1"), 443)));

    [Fact]
    public void Any_IPv6_address_is_written_as_the_platform_does()
    {
        Random random = new(6);
        byte[] address = new byte[16];
        for (int sample = 0; sample < 10_000; sample++)
        {
            random.NextBytes(address);
            // Groups of zeros are what the form is about. Not in the first group and without ISATAP's mark: there the platform writes a dotted end.
            for (int group = 1; group < 8; group++)
            {
                if (random.Next(2) == 0)
                    address[2 * group] = address[2 * group + 1] = 0;
            }
            address[0] |= 1;
            address[10] &= 0x0F;
            IpEndpoint endpoint = IpEndpoint.Create(address, (ushort)random.Next(65_536));
            Assert.Equal(endpoint.ToString(), Format(endpoint));
        }
    }

    private static string Format(IpEndpoint endpoint)
    {
        Span<byte> target = stackalloc byte[EndpointText.BytesMax];
        return Encoding.ASCII.GetString(target[..EndpointText.Write(endpoint, target)]);
    }
}
