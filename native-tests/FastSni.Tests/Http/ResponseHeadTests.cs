using System.Text;
using FastSni.Http;
using Xunit;

namespace FastSni.Tests.Http;

public class ResponseHeadTests
{
    [Fact]
    public void The_end_of_a_head_is_found_wherever_its_bytes_are_split()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody\r\n\r\n");
        int length = bytes.Length - "body\r\n\r\n".Length;
        for (int split = 0; split < length; split++)
        {
            int scanned = 0;
            Assert.Equal(0, ResponseHead.FindEnd(bytes.AsSpan(0, split), ref scanned));
            Assert.Equal(length, ResponseHead.FindEnd(bytes, ref scanned));
        }
        int drip = 0;
        for (int count = 0; count < length; count++)
            Assert.Equal(0, ResponseHead.FindEnd(bytes.AsSpan(0, count), ref drip));
        Assert.Equal(length, ResponseHead.FindEnd(bytes.AsSpan(0, length), ref drip));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\n\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\n")]
    public void A_bare_line_feed_is_noticed_before_the_end(string text)
    {
        int scanned = 0;
        Assert.Equal(-1, ResponseHead.FindEnd(Encoding.ASCII.GetBytes(text), ref scanned));
    }

    [Fact]
    public void A_head_may_have_64_KiB()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nA: " + new string('a', ResponseHead.BytesMax - 24) + "\r\n\r\n");
        Assert.Equal(ResponseHead.BytesMax, bytes.Length);
        int scanned = 0;
        Assert.Equal(ResponseHead.BytesMax, ResponseHead.FindEnd(bytes, ref scanned));
        scanned = 0;
        Assert.Equal(-1, ResponseHead.FindEnd([.. bytes[..20], (byte)'a', .. bytes[20..]], ref scanned));
        scanned = 0;
        Assert.Equal(-1, ResponseHead.FindEnd([.. bytes[..20], .. new byte[ResponseHead.BytesMax]], ref scanned));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK", 200, true, "OK")]
    [InlineData("HTTP/1.0 404 Not Found", 404, false, "Not Found")]
    [InlineData("HTTP/1.1 299 ", 299, true, "")]
    [InlineData("HTTP/1.1 100", 100, true, "")]
    public void A_status_line_is_read(string text, int number, bool isHttp11, string reason)
    {
        Assert.True(StatusLine.TryRead(Encoding.ASCII.GetBytes(text), out StatusLine status));
        Assert.Equal((number, isHttp11, reason), (status.Status, status.IsHttp11, Encoding.ASCII.GetString(status.Reason)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1")]
    [InlineData("HTTP/1.1 20")]
    [InlineData("HTTP/1.1 2000 OK")]
    [InlineData("HTTP/1.1  200 OK")]
    [InlineData("HTTP/1.1 099 OK")]
    [InlineData("HTTP/1.1 2x0 OK")]
    [InlineData("HTTP/1.2 200 OK")]
    [InlineData("HTTP/2.0 200 OK")]
    [InlineData("http/1.1 200 OK")]
    [InlineData(" HTTP/1.1 200 OK")]
    public void Other_status_lines_are_refused(string text) => Assert.False(StatusLine.TryRead(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("A: b", "A", "b")]
    [InlineData("A:b", "A", "b")]
    [InlineData("A:", "A", "")]
    [InlineData("A: \t b c \t", "A", "b c")]
    [InlineData("x-_~!: \xE9", "x-_~!", "\xE9")]
    [InlineData("A: b:c", "A", "b:c")]
    public void A_header_is_read(string text, string name, string value)
    {
        var lines = new HeadLines(Encoding.Latin1.GetBytes(text + "\r\n\r\n"));
        Assert.True(lines.TryReadHeader(out ReadOnlySpan<byte> nameBytes, out ReadOnlySpan<byte> valueBytes));
        Assert.Equal((name, value), (Encoding.Latin1.GetString(nameBytes), Encoding.Latin1.GetString(valueBytes)));
        Assert.True(lines.IsAtEnd);
    }

    [Theory]
    [InlineData("")]
    [InlineData(": b")]
    [InlineData("A b")]
    [InlineData("A : b")]
    [InlineData(" A: b")]
    [InlineData("\tA: b")]
    [InlineData("A\xE9: b")]
    [InlineData("A: b\rc")]
    [InlineData("A: b\nc")]
    [InlineData("A: \0")]
    [InlineData("A: \x7F")]
    public void Other_headers_are_refused(string text)
    {
        var lines = new HeadLines(Encoding.Latin1.GetBytes(text + "\r\n\r\n"));
        Assert.False(lines.TryReadHeader(out _, out _));
    }

    [Theory]
    [InlineData("content-type", "Content-Type")]
    [InlineData("SET-COOKIE", "Set-Cookie")]
    [InlineData("X-Anything-Else", "X-Anything-Else")]
    public void Names_are_known_in_any_case(string name, string text) => Assert.Equal(text, ResponseName.Of(Encoding.ASCII.GetBytes(name)).Text);
}
