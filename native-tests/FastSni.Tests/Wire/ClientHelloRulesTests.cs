using System.Text;
using FastSni.Wire;
using Xunit;
using static FastSni.Tests.Wire.HelloBuilder;

namespace FastSni.Tests.Wire;

public class ClientHelloRulesTests
{
    [Theory]
    [InlineData("app.example.org")]
    [InlineData("APP.Example.ORG.")]
    [InlineData("192.0.2.1")]
    [InlineData("*.example.org")]
    [InlineData("x\r\nInjected")]
    [InlineData("b\u00fccher.example")]
    public void A_name_is_kept_as_sent(string name) => Assert.Equal(name, Read(ServerName(name)).Name);

    [Fact]
    public void A_hello_without_server_name_is_complete()
    {
        Outcome outcome = Read(Alpn("h2"));
        Assert.Equal((HelloStatus.Complete, "", "h2"), (outcome.Status, outcome.Name, outcome.Alpn));
    }

    [Fact]
    public void A_hello_without_extensions_is_complete()
    {
        byte[] body = [3, 1, .. new byte[32], .. Vector(1, []), .. Vector(2, [0, 5]), .. Vector(1, [0])];
        Assert.Equal("nosni", Outcome.Of(Record([1, .. Vector(3, body)])).Verdict);
        Assert.Equal(HelloStatus.Malformed, Outcome.Of(Record([1, .. Vector(3, [.. body, 0])])).Status);
    }

    [Fact]
    public void A_name_has_1_to_255_bytes_and_no_NUL()
    {
        Assert.Equal("sni", Read(ServerName(new string('a', 255))).Verdict);
        Assert.Equal(HelloStatus.Malformed, Read(ServerName(new string('a', 256))).Status);
        Assert.Equal(HelloStatus.Malformed, Read(ServerName("")).Status);
        Assert.Equal(HelloStatus.Malformed, Read(ServerName("app.example.org\0.example.net")).Status);
    }

    [Fact]
    public void Two_names_are_no_name_to_route_by()
    {
        byte[] first = Entry(0, "a.example"u8.ToArray());
        byte[] second = Entry(0, "b.example"u8.ToArray());
        byte[] other = Entry(7, "b.example"u8.ToArray());
        Assert.Equal(HelloStatus.Malformed, Read(ServerNames(first, second)).Status);
        Assert.Equal(HelloStatus.Malformed, Read(ServerNames(first, other)).Status);
        Assert.Equal(HelloStatus.Malformed, Read(ServerNames(other, first)).Status);
        Assert.Equal(HelloStatus.Malformed, Read(ServerNames(first), ServerNames(second)).Status);
        Assert.Equal(HelloStatus.Malformed, Read(ServerNames(first), ServerNames(first)).Status);
        Assert.Equal(HelloStatus.Malformed, Read(ServerNames(other), ServerNames(first)).Status);
    }

    [Fact]
    public void An_entry_that_is_no_host_name_is_no_name() => Assert.Equal("nosni", Read(ServerNames(Entry(7, "a.example"u8.ToArray()))).Verdict);

    [Fact]
    public void Lengths_in_server_name_are_exact()
    {
        byte[] entry = Entry(0, "a.example"u8.ToArray());
        Assert.Equal(HelloStatus.Malformed, Read(ServerNames()).Status);
        Assert.Equal(HelloStatus.Malformed, Read(Extension(ServerNameType, [])).Status);
        Assert.Equal(HelloStatus.Malformed, Read(Extension(ServerNameType, [.. Vector(2, entry), 0])).Status);
        Assert.Equal(HelloStatus.Malformed, Read(Extension(ServerNameType, Vector(2, [.. entry, 0]))).Status);
        Assert.Equal(HelloStatus.Malformed, Read(Extension(ServerNameType, Vector(2, entry[..^1]))).Status);
    }

    [Fact]
    public void Lengths_in_ALPN_are_exact_and_the_first_list_counts()
    {
        Assert.Equal(HelloStatus.Malformed, Read(Extension(AlpnType, [])).Status);
        Assert.Equal(HelloStatus.Malformed, Read(Extension(AlpnType, [0, 3, 2, (byte)'h'])).Status);
        Assert.Equal(HelloStatus.Malformed, Read(Extension(AlpnType, [0, 2, 2, (byte)'h'])).Status);
        Assert.Equal("h2", Read(Alpn("h2"), Alpn("http/1.1")).Alpn);
    }

    [Fact]
    public void Other_extensions_and_values_are_not_policed()
    {
        Assert.Equal("a.example", Read(Extension(0x4A4A, []), Extension(0x4A4A, [1, 2]), ServerName("a.example"), Padding(0), Padding(9)).Name);
        byte[] body = [9, 9, .. new byte[32], .. Vector(1, new byte[77]), .. Vector(2, []), .. Vector(1, []), .. Vector(2, ServerName("a.example"))];
        Assert.Equal("a.example", Outcome.Of(Record([1, .. Vector(3, body)])).Name);
    }

    [Fact]
    public void A_message_cut_at_any_byte_and_announced_so_is_malformed()
    {
        byte[] body = Message(ServerName("a.example"), Alpn("h2"))[4..];
        // With just its fixed fields left it is the hello of a client that knows no extensions.
        int fixedFields = 2 + 32 + 33 + 4 + 2;
        for (int length = 0; length < body.Length; length++)
        {
            Outcome outcome = Outcome.Of(Record([1, .. Vector(3, body[..length])]));
            Assert.Equal(length == fixedFields ? "nosni" : "invalid", outcome.Verdict);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("POST / HTTP/1.1\r\n")]
    [InlineData("SSH-2.0-OpenSSH_10.0\r\n")]
    [InlineData("\u0003\0\0\u0013\u000e")]          // RDP
    [InlineData("\u0080\u002e\u0001\u0003\u0001")]  // SSLv2 framing
    [InlineData("\u0015\u0003\u0001\0\u0002\u0002\u0028")]
    [InlineData("\r\n\r\nQUIT")]
    [InlineData("PROXY\t")]
    public void What_does_not_begin_as_a_handshake_is_no_TLS(string text) =>
        Assert.Equal(HelloStatus.NotTls, Outcome.Of(Encoding.Latin1.GetBytes(text)).Status);

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", 6)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0021\u0011", 12)]
    public void A_PROXY_header_is_known_by_its_signature(string text, int signatureBytes)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        for (int length = 0; length < signatureBytes; length++)
        {
            Outcome outcome = Outcome.Of(bytes.AsSpan(0, length));
            Assert.Equal((HelloStatus.Incomplete, length + 1), (outcome.Status, outcome.NeedBytes));
        }
        for (int length = signatureBytes; length <= bytes.Length; length++)
            Assert.Equal(HelloStatus.ProxyHeader, Outcome.Of(bytes.AsSpan(0, length)).Status);
    }

    private static Outcome Read(params byte[][] extensions) => Outcome.Of(Record(Message(extensions)));
}
