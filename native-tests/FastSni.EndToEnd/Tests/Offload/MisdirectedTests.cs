using System.Net;
using System.Net.Security;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>
/// A request is served only on a connection that was made under its host's own certificate and client-ca; else it is sent back with 421 (RFC 9110
/// 15.5.20), before any backend hears of it.
/// </summary>
public sealed class MisdirectedTests : IDisposable
{
    private const string A = "a.home.test", B = "b.home.test";

    private static readonly TestAuthority Authority = TestCertificates.Shared.Authority;

    private readonly HttpBackend _a = HttpBackend.Start("a"), _b = HttpBackend.Start("b"), _twin = HttpBackend.Start("twin");
    private readonly IssuedCertificate _ofA = Authority.Issue(A, "twin.home.test", "*.wild.home.test"), _ofB = Authority.Issue(B, "*.b.home.test");

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _twin.Dispose();
    }

    public static TheoryData<string> OthersHosts => new() { B, "B.Home.Test", "b.home.test.", "b.home.test:443", "B.HOME.TEST.:8443", "x.b.home.test", "X.y.B.home.test" };

    [Theory]
    [MemberData(nameof(OthersHosts))]
    public async Task The_host_of_another_certificate_is_misdirected_in_every_spelling(string host)
    {
        await using Gateway gateway = await StartAsync();
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, A);
        Assert.Equal("a /\n", (await client.GetAsync(A)).Text);
        Assert.Equal(421, (await client.GetAsync(host, "/secret")).Status);
        Assert.Equal(421, await H2StatusAsync(gateway.Https, A, host));
        Assert.Empty(_b.Requests);
        RequestLogLine line = (await gateway.AccessLog.RequestsOfAsync(client.LocalEndPoint, 2))[1];
        Assert.Equal(("reject", "-", (int?)421, A), (line.Route, line.Backend, line.Status, line.Name));
        Assert.Equal(200, await H2StatusAsync(gateway.Https, host.TrimEnd('.').Split(':')[0].TrimEnd('.'), host));
    }

    [Theory]
    [InlineData("GET http://b.home.test/ HTTP/1.1\r\nHost: a.home.test\r\n\r\n")]
    [InlineData("GET http://b.home.test/ HTTP/1.1\r\nHost: b.home.test\r\n\r\n")]
    [InlineData("GET https://b.home.test/ HTTP/1.1\r\nHost: a.home.test\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a.home.test\r\nHost: b.home.test\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a.home.test\r\nX-Forwarded-Host: b.home.test\r\nX-Host: b.home.test\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\nHost: b.home.test\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: b.home.test\r\n\r\n")]
    public async Task No_other_way_of_naming_the_host_leads_there_either(string request)
    {
        await using Gateway gateway = await StartAsync();
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, A);
        await client.AskAsync(request);
        Assert.Empty(_b.Requests);
        Assert.All(_a.Requests, seen => Assert.Equal(A, seen.Head.Value("Host")));
    }

    [Theory]
    [InlineData("twin.home.test", "twin")]
    [InlineData("TWIN.home.test.", "twin")]
    [InlineData("any.wild.home.test", "twin")]
    public async Task Sections_of_one_certificate_share_connections(string host, string served)
    {
        await using Gateway gateway = await StartAsync();
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, A);
        Assert.Equal($"{served} /\n", (await client.GetAsync(host)).Text);
        // And a coalescing h2 client, which sends streams of both hosts on one connection.
        await using H2Client h2 = await H2Client.ConnectAsync(gateway.Https, A);
        Assert.Equal(200, await h2.AskAsync(1, A));
        Assert.Equal(200, await h2.AskAsync(3, host));
        Assert.Equal(421, await h2.AskAsync(5, B));
        Assert.Equal(200, await h2.AskAsync(7, A));
        Assert.Empty(_b.Requests);
    }

    [Fact]
    public async Task The_same_certificate_with_another_client_ca_is_another_identity()
    {
        string clients = Authority.PemPath;
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https()
            .Offload("a", A, _a, _ofA).Offload("twin", "twin.home.test", _twin, _ofA, ("client-ca", clients)));
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, A);
        Assert.Equal(421, (await client.GetAsync("twin.home.test")).Status);
        Assert.Empty(_twin.Requests);
        // With a certificate it goes in by its own door, and from there not out by the other.
        TlsWish wish = new("twin.home.test") { ClientCertificate = Authority.IssueClient("someone").Certificate };
        await using TlsClient known = await TlsClient.ConnectAsync(gateway.Https, wish);
        Assert.Equal("twin /\n", (await known.GetAsync("twin.home.test")).Text);
        Assert.Equal(421, (await known.GetAsync(A)).Status);
    }

    [Theory]
    [InlineData(A)]
    [InlineData(B)]
    [InlineData("twin.home.test")]
    public async Task A_connection_without_a_name_is_misdirected_for_every_sections_host(string host)
    {
        GatewayConfig config = Config().Default("no-name-action", "offload").Default("action", "offload");
        await using Gateway gateway = await Gateway.StartAsync(config);
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, serverName: null);
        Assert.Equal(421, (await client.GetAsync(host)).Status);
        Assert.Empty(_a.Requests.Concat(_b.Requests).Concat(_twin.Requests));
    }

    [Theory]
    [InlineData(null, "404")]
    [InlineData("503", "503")]
    public async Task A_host_that_no_section_has_gets_the_configured_status_on_the_default_certificate(string? status, string answered)
    {
        IssuedCertificate certificate = Authority.Issue("default.home.test");
        GatewayConfig config = Config().Default("action", "offload").Default("no-name-action", "offload")
            .Default("certificate", certificate.CertificatePath).Default("certificate-key", certificate.KeyPath);
        if (status is not null)
            config.Default("status", status);
        await using Gateway gateway = await Gateway.StartAsync(config);
        foreach (string? name in new[] { "unknown.home.test", null })
        {
            await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, name);
            Assert.Equal(certificate.Thumbprint, client.Thumbprint);
            HttpAnswer answer = await client.GetAsync("unknown.home.test", "/<script>alert(1)</script>");
            Assert.Equal(answered, $"{answer.Status}");
            Assert.DoesNotContain("<script>alert", answer.Text, StringComparison.Ordinal);
        }
        // On a site's own connection an unknown host is not the default site's business.
        await using TlsClient onSite = await TlsClient.ConnectAsync(gateway.Https, A);
        Assert.Equal(421, (await onSite.GetAsync("unknown.home.test")).Status);
    }

    [Fact]
    public async Task An_unknown_name_meets_a_self_signed_certificate_where_none_is_configured()
    {
        await using Gateway gateway = await Gateway.StartAsync(Config().Default("action", "offload"));
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, "unknown.home.test");
        Assert.Equal(client.Tls.RemoteCertificate!.Issuer, client.Tls.RemoteCertificate.Subject);
        Assert.Equal(404, (await client.GetAsync("unknown.home.test")).Status);
        Assert.Equal(421, (await client.GetAsync(A)).Status);
    }

    private static async Task<int> H2StatusAsync(IPEndPoint gateway, string serverName, string authority)
    {
        await using H2Client client = await H2Client.ConnectAsync(gateway, serverName);
        Assert.Equal(SslApplicationProtocol.Http2, client.Tls.NegotiatedApplicationProtocol);
        return await client.AskAsync(1, authority);
    }

    private GatewayConfig Config() => GatewayConfig.Https()
        .Offload("a", A, _a, _ofA)
        .Offload("twin", "twin.home.test, *.wild.home.test", _twin, _ofA)
        .Offload("b", $"{B}, *.{B}", _b, _ofB);

    private Task<Gateway> StartAsync() => Gateway.StartAsync(Config());
}
