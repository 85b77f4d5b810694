using System.Security.Authentication;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>Which certificate and which client policy a hello leads to, in whatever pieces it comes.</summary>
[Collection(Alone.Name)]
public sealed class CertificateChoiceTests : IDisposable
{
    private const string Name = "secret.home.test";

    private static readonly TestAuthority Authority = TestCertificates.Shared.Authority;

    private readonly HttpBackend _backend = HttpBackend.Start("app");
    private readonly IssuedCertificate _site = Authority.Issue(Name), _rsa = Authority.IssueRsa("rsa.home.test"), _default = Authority.Issue("default.home.test");

    public void Dispose() => _backend.Dispose();

    /// <summary>Made of the whole hello: the TCP writes.</summary>
    private static readonly Dictionary<string, Func<byte[], int, IEnumerable<byte[]>>> Cuts = new()
    {
        // Two TLS records, written apart.
        ["records"] = (hello, at) =>
        {
            byte[] two = HelloBytes.InRecords(hello, at, hello.Length);
            return [two[..(at + 5)], two[(at + 5)..]];
        },
        ["one write of two records"] = (hello, at) => [HelloBytes.InRecords(hello, at, hello.Length)],
        ["segments"] = (hello, at) => [hello[..at], hello[at..]],
    };

    [Theory]
    [InlineData("records", SslProtocols.Tls13)]
    [InlineData("records", SslProtocols.Tls12)]
    [InlineData("one write of two records", SslProtocols.Tls13)]
    [InlineData("one write of two records", SslProtocols.Tls12)]
    [InlineData("segments", SslProtocols.Tls13)]
    public async Task A_hello_cut_at_every_byte_gets_the_sites_certificate(string kind, SslProtocols protocol)
    {
        await using Gateway gateway = await StartAsync(workers: 2);
        int length = 0;
        await MeetAsync(gateway, protocol, hello => [HelloOf(hello, out length)]);
        // A record's header is counted among the hello's bytes, not among what a record can be cut at.
        int last = length - (kind == "segments" ? 1 : 6);
        for (int at = 1; at <= last; at++)
            Assert.Equal(_site.Thumbprint, await MeetAsync(gateway, protocol, hello => Cuts[kind](hello, at)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task A_hello_in_records_of_so_few_bytes_gets_the_sites_certificate_and_is_served(int recordBytes)
    {
        await using Gateway gateway = await StartAsync();
        foreach (SslProtocols protocol in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
        {
            TlsWish wish = Wish(protocol, hello => [HelloBytes.InRecords(hello, recordBytes)]);
            await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, wish);
            Assert.Equal(_site.Thumbprint, client.Thumbprint);
            Assert.Equal("app /\n", (await client.GetAsync(Name)).Text);
        }
    }

    [Fact]
    public async Task A_hello_of_one_byte_a_write_gets_the_sites_certificate()
    {
        await using Gateway gateway = await StartAsync();
        Assert.Equal(_site.Thumbprint, await MeetAsync(gateway, SslProtocols.Tls13, hello => hello.Select(one => (byte[])[one])));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_cut_hello_does_not_get_around_the_client_certificate(SslProtocols protocol)
    {
        await using Gateway gateway = await StartAsync(clientCa: true);
        foreach (Func<byte[], IEnumerable<byte[]>> cut in new Func<byte[], IEnumerable<byte[]>>[]
                 {
                     hello => [hello], hello => [HelloBytes.InRecords(hello, 1)], hello => [HelloBytes.InRecords(hello, 50)], hello => [hello[..3], hello[3..]],
                 })
        {
            await ClientCertificateTests.AssertRefusedAsync(gateway.Https, Wish(protocol, cut), Name);
        }
        Assert.Empty(_backend.Requests);
    }

    [Theory]
    [InlineData("secret.home.test", "site")]
    [InlineData("SECRET.Home.TEST", "site")]
    [InlineData("rsa.home.test", "rsa")]
    [InlineData("other.home.test", "default")]
    [InlineData(null, "default")]
    public async Task The_name_in_any_case_chooses_the_certificate(string? name, string expected)
    {
        await using Gateway gateway = await StartAsync();
        foreach (SslProtocols protocol in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
        {
            await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, new TlsWish(name) { Protocols = protocol });
            Assert.Equal(expected switch { "site" => _site.Thumbprint, "rsa" => _rsa.Thumbprint, _ => _default.Thumbprint }, client.Thumbprint);
            Assert.Equal(protocol, client.Tls.SslProtocol);
        }
    }

    [Theory]
    [InlineData("h2,http/1.1", "h2")]
    [InlineData("http/1.1,h2", "h2")]
    [InlineData("http/1.1", "http/1.1")]
    [InlineData("", "")]
    public async Task ALPN_prefers_h2(string offered, string agreed)
    {
        await using Gateway gateway = await StartAsync();
        TlsWish wish = new(Name) { Alpn = offered.Split(',', StringSplitOptions.RemoveEmptyEntries) };
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, wish);
        Assert.Equal(agreed, client.Tls.NegotiatedApplicationProtocol == default ? "" : client.Tls.NegotiatedApplicationProtocol.ToString());
    }

    [Fact]
    public async Task A_client_with_no_protocol_of_ours_is_refused()
    {
        await using Gateway gateway = await StartAsync();
        await Assert.ThrowsAsync<AuthenticationException>(() => TlsClient.ConnectAsync(gateway.Https, new TlsWish(Name) { Alpn = ["spdy/3"] }));
    }

    private static byte[] HelloOf(byte[] hello, out int length)
    {
        length = hello.Length;
        return hello;
    }

    private static TlsWish Wish(SslProtocols protocol, Func<byte[], IEnumerable<byte[]>> cut) =>
        new(Name) { Protocols = protocol, Wire = inner => new ReframingStream(inner, cut) };

    /// <summary>The thumbprint of what such a client is shown.</summary>
    private static async Task<string> MeetAsync(Gateway gateway, SslProtocols protocol, Func<byte[], IEnumerable<byte[]>> cut)
    {
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Wish(protocol, cut));
        return client.Thumbprint;
    }

    private Task<Gateway> StartAsync(int workers = 1, bool clientCa = false) => Gateway.StartAsync(GatewayConfig.Https(workers)
        .Offload("secret", Name, _backend, _site, clientCa ? [("client-ca", Authority.PemPath)] : [])
        .Offload("rsa", "rsa.home.test", _backend, _rsa)
        .Default("action", "offload").Default("no-name-action", "offload")
        .Default("certificate", _default.CertificatePath).Default("certificate-key", _default.KeyPath));
}
