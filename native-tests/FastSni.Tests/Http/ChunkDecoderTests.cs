using System.Text;
using FastSni.Http;
using Xunit;

namespace FastSni.Tests.Http;

public class ChunkDecoderTests
{
    [Theory]
    [InlineData("0\r\n", "")]
    [InlineData("5\r\nhello\r\n0\r\n", "hello")]
    [InlineData("2\r\nhe\r\n003\r\nllo\r\n000\r\n", "hello")]
    [InlineData("A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n", "01234567890123456789a")]
    [InlineData("5;a=b;c=\"d\"\r\nhello\r\n0;x\r\n", "hello")]
    [InlineData("5 ;a\r\nhello\r\n0\t\r\n", "hello")]
    [InlineData("4\r\n\r\n\r\n\r\n0\r\n", "\r\n\r\n")]
    public void A_body_comes_out_wherever_it_is_split(string framed, string body)
    {
        const string rest = "X: y\r\n\r\n";
        for (int split = 0; split <= framed.Length; split++)
        {
            ChunkDecoder decoder = default;
            Assert.True(TryDecode(ref decoder, framed[..split], out string first, out int firstConsumed));
            Assert.Equal(split, firstConsumed);
            Assert.True(TryDecode(ref decoder, framed[split..] + rest, out string second, out int secondConsumed));
            Assert.Equal(body, first + second);
            Assert.True(decoder.IsAtTrailers);
            Assert.Equal(framed.Length - split, secondConsumed);
        }
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("x\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("+1\r\n")]
    [InlineData("0x1\r\n")]
    [InlineData(" 1\r\n")]
    [InlineData(";a\r\n")]
    [InlineData("1\n")]
    [InlineData("1\rx")]
    [InlineData("1;a\n")]
    [InlineData("1;a\0\r\n")]
    [InlineData("1\r\nab")]
    [InlineData("1\r\na\n")]
    [InlineData("1\r\na\rx")]
    [InlineData("8000000000000000\r\n")]
    [InlineData("10000000000000000\r\n")]
    [InlineData("00000000000000001\r\n")]
    public void Everything_else_is_refused_wherever_it_is_split(string framed)
    {
        for (int split = 0; split <= framed.Length; split++)
        {
            ChunkDecoder decoder = default;
            Assert.False(TryDecode(ref decoder, framed[..split], out _, out _) && TryDecode(ref decoder, framed[split..], out _, out _));
        }
    }

    [Fact]
    public void The_largest_size_is_read_without_overflow()
    {
        ChunkDecoder decoder = default;
        Assert.True(TryDecode(ref decoder, "7fffffffffffffff\r\nab", out string body, out _));
        Assert.Equal("ab", body);
    }

    [Fact]
    public void Extensions_are_limited()
    {
        ChunkDecoder decoder = default;
        Assert.True(TryDecode(ref decoder, "1;" + new string('a', 4096), out _, out _));
        Assert.False(TryDecode(ref decoder, "a", out _, out _));
    }

    private static bool TryDecode(ref ChunkDecoder decoder, string text, out string body, out int consumed)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        bool isGood = decoder.TryDecode(bytes, out consumed, out int produced);
        body = Encoding.Latin1.GetString(bytes, 0, produced);
        return isGood;
    }
}
