using FastSni.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace FastSni.Tests.Http;

public class HeaderRulesTests
{
    [Theory]
    [InlineData("Connection")]
    [InlineData("Keep-Alive")]
    [InlineData("Proxy-Connection")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Proxy-Authenticate")]
    [InlineData("Proxy-Authentication-Info")]
    [InlineData("TE")]
    [InlineData("Trailer")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Upgrade")]
    [InlineData("HTTP2-Settings")]
    [InlineData("Content-Length")]
    [InlineData(":authority")]
    [InlineData("")]
    public void Headers_of_one_connection_pass_in_neither_direction(string name)
    {
        foreach (string spelling in Spellings(name))
        {
            Assert.False(RequestHeaders.PassesOn(spelling), spelling);
            Assert.False(ResponseHeaders.PassesOn(spelling), spelling);
        }
    }

    [Theory]
    [InlineData("Host")]
    [InlineData("Expect")]
    [InlineData("Proxy")]
    [InlineData("Forwarded")]
    [InlineData("X-Real-IP")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Forwarded-Proto")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-Forwarded-Port")]
    [InlineData("X-Forwarded-Server")]
    [InlineData("X-Forwarded-Prefix")]
    [InlineData("X-Forwarded-Scheme")]
    [InlineData("X-Forwarded-By")]
    [InlineData("X-Forwarded-Ssl")]
    [InlineData("X-Forwarded-Protocol")]
    [InlineData("X-Forwarded-User")]
    [InlineData("X-Client-IP")]
    [InlineData("X-Cluster-Client-IP")]
    [InlineData("True-Client-IP")]
    [InlineData("Client-IP")]
    public void What_a_client_could_invent_passes_to_no_backend_and_may_come_from_one(string name)
    {
        foreach (string spelling in Spellings(name))
        {
            Assert.False(RequestHeaders.PassesOn(spelling), spelling);
            Assert.True(ResponseHeaders.PassesOn(spelling), spelling);
        }
    }

    [Theory]
    [InlineData("Accept")]
    [InlineData("Authorization")]
    [InlineData("Cookie")]
    [InlineData("Content-Type")]
    [InlineData("X-Forwarded")]
    [InlineData("X-Forwarding-For")]
    [InlineData("X-Real-IPs")]
    [InlineData("Hosts")]
    [InlineData("TEs")]
    [InlineData("Upgrade-Insecure-Requests")]
    [InlineData("Sec-WebSocket-Key")]
    [InlineData("Grpc-Timeout")]
    [InlineData("Trailers")]
    [InlineData("Vary")]
    public void Everything_else_passes_both_ways(string name)
    {
        foreach (string spelling in Spellings(name))
        {
            Assert.True(RequestHeaders.PassesOn(spelling), spelling);
            Assert.True(ResponseHeaders.PassesOn(spelling), spelling);
        }
    }

    [Theory]
    [InlineData("X-Secret", "X-Secret", true)]
    [InlineData("close, x-secret", "X-Secret", true)]
    [InlineData("close,\tX-SECRET ,", "X-Secret", true)]
    [InlineData("close, X-Secrets", "X-Secret", false)]
    [InlineData("X Secret", "X-Secret", false)]
    [InlineData(", ,", "X-Secret", false)]
    [InlineData("", "X-Secret", false)]
    public void A_connection_header_names_headers(string connection, string name, bool isNamed) =>
        Assert.Equal(isNamed, RequestHeaders.IsNamedIn(connection, name));

    [Fact]
    public void A_connection_header_may_have_several_lines_or_be_missing()
    {
        Assert.True(RequestHeaders.IsNamedIn(new StringValues(["close", "a, b"]), "B"));
        Assert.False(RequestHeaders.IsNamedIn(default, "B"));
    }

    [Fact]
    public void Looking_at_names_allocates_nothing()
    {
        string[] names = ["Accept", "X-Forwarded-For", "X_Real_IP", "Content-Type", "Connection", "Transfer-Encoding"];
        StringValues connection = "keep-alive, X-Secret";
        int passed = Count();
        long before = GC.GetAllocatedBytesForCurrentThread();
        int again = Count();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(passed, again);

        int Count()
        {
            int count = 0;
            foreach (string name in names)
                count += RequestHeaders.PassesOn(name) && ResponseHeaders.PassesOn(name) && !RequestHeaders.IsNamedIn(connection, name) ? 1 : 0;
            return count;
        }
    }

    private static string[] Spellings(string name) =>
        [name, name.ToLowerInvariant(), name.ToUpperInvariant(), name.Replace('-', '_'), name.ToUpperInvariant().Replace('-', '_')];
}
