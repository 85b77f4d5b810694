using System.Text;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>The judge's own eyes: what the tests' reading of HTTP takes and refuses.</summary>
public sealed class RequestParserTests
{
    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "Whole", "Whole")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nZ\r\n0\r\n\r\n", "Whole", "Whole")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\nZ\r\n0\r\n\r\n", "Malformed", "Whole")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;\nZ\r\n0\r\n\r\n", "Malformed", "Malformed")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nZ", "Partial", "Partial")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "Malformed", "Malformed")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Malformed", "Whole")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nZ", "Malformed", "Malformed")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nZ", "Partial", "Partial")]
    [InlineData("GET / HTTP/1.1\nHost: a\n\n", "Malformed", "Whole")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n X: y\r\n\r\n", "Malformed", "Malformed")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: y\rZ: z\r\n\r\n", "Malformed", "Malformed")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "Malformed", "Malformed")]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "Malformed", "Whole")]
    [InlineData("GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", "Malformed", "Malformed")]
    public void A_request_is_read_by_the_letter_or_as_a_client_may_mean_it(string text, string strict, string lenient)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        Assert.Equal((strict, lenient), (RequestParser.Strict.Read(bytes, out _, out _).ToString(), RequestParser.Lenient.Read(bytes, out _, out _).ToString()));
    }
}
