using System.Globalization;
using System.Net;
using System.Security.Authentication;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>`client-ca`: no certificate, no entry; and sessions that are resumed.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private const string Open = "open.home.test", Closed = "closed.home.test";

    private static readonly TestAuthority Authority = TestCertificates.Shared.Authority;

    private readonly HttpBackend _open = HttpBackend.Start("open"), _closed = HttpBackend.Start("closed");
    private readonly TestAuthority _clients = new("clients of the closed site");

    public void Dispose()
    {
        _open.Dispose();
        _closed.Dispose();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task None_and_a_strangers_are_refused_and_the_right_one_is_served(SslProtocols protocol)
    {
        await using Gateway gateway = await StartAsync();
        TlsWish none = new(Closed) { Protocols = protocol };
        await AssertRefusedAsync(gateway.Https, none, Closed);
        await AssertRefusedAsync(gateway.Https, none with { ClientCertificate = Authority.IssueClient("of another authority").Certificate }, Closed);
        Assert.Empty(_closed.Requests);
        TlsWish right = none with { ClientCertificate = _clients.IssueClient("known").Certificate };
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, right);
        Assert.Equal("closed /\n", (await client.GetAsync(Closed)).Text);
        // The open site is not asked.
        await using TlsClient other = await TlsClient.ConnectAsync(gateway.Https, Open);
        Assert.Equal("open /\n", (await other.GetAsync(Open)).Text);
    }

    [SkippableTheory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_session_is_resumed_at_its_own_site(string version)
    {
        await using Gateway gateway = await StartAsync();
        string session = Path.Combine(gateway.Directory, "session");
        Assert.Contains("New, TLSv1", await SpeakAsync(gateway, Open, version, "-sess_out", session), StringComparison.Ordinal);
        string again = await SpeakAsync(gateway, Open, version, "-sess_in", session);
        Assert.Contains("Reused, TLSv1", again, StringComparison.Ordinal);
        Assert.Contains("open /", again, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("-tls1_2", false)]
    [InlineData("-tls1_3", false)]
    [InlineData("-tls1_2", true)]
    [InlineData("-tls1_3", true)]
    public async Task A_session_of_one_site_does_not_open_another_that_asks_for_a_certificate(string version, bool isOneCertificate)
    {
        IssuedCertificate shared = Authority.Issue(Open, Closed);
        await using Gateway gateway = await StartAsync(isOneCertificate ? shared : null);
        string session = Path.Combine(gateway.Directory, "session");
        Assert.Contains("open /", await SpeakAsync(gateway, Open, version, "-sess_out", session), StringComparison.Ordinal);
        string refused = await SpeakAsync(gateway, Closed, version, "-sess_in", session);
        Assert.DoesNotContain("closed /", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200", refused, StringComparison.Ordinal);
        Assert.Empty(_closed.Requests);

        // With the certificate it comes in, by a handshake of its own.
        IssuedCertificate known = _clients.IssueClient("known");
        string served = await SpeakAsync(
            gateway, Closed, version, "-sess_in", session, "-cert", known.CertificatePath, "-key", known.KeyPath);
        Assert.Contains("closed /", served, StringComparison.Ordinal);
        Assert.DoesNotContain("Reused, TLSv1", served, StringComparison.Ordinal);
        // The open site still resumes.
        Assert.Contains("Reused, TLSv1", await SpeakAsync(gateway, Open, version, "-sess_in", session), StringComparison.Ordinal);
    }

    /// <summary>In TLS 1.3 a client is done before its certificate is judged: the refusal comes with the first read at the latest.</summary>
    internal static async Task AssertRefusedAsync(IPEndPoint gateway, TlsWish wish, string host)
    {
        Exception? refusal = await Record.ExceptionAsync(async () =>
        {
            await using TlsClient client = await TlsClient.ConnectAsync(gateway, wish);
            await client.GetAsync(host);
        });
        Assert.True(refusal is IOException or AuthenticationException, $"not refused: {refusal}");
    }

    /// <summary>A GET by openssl; all that it says, its account of the session included.</summary>
    private static async Task<string> SpeakAsync(Gateway gateway, string name, string version, params string[] more)
    {
        ToolResult result = await Tool.RunAsync(
            Tool.Require("openssl"),
            ["s_client", "-connect", gateway.Https.ToString(), "-servername", name, "-ign_eof", "-CAfile", Authority.PemPath, version, .. more],
            string.Create(CultureInfo.InvariantCulture, $"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"));
        return result.Output + result.Error;
    }

    private Task<Gateway> StartAsync(IssuedCertificate? shared = null) => Gateway.StartAsync(GatewayConfig.Https()
        .Offload("open", Open, _open, shared ?? Authority.Issue(Open))
        .Offload("closed", Closed, _closed, shared ?? Authority.Issue(Closed), ("client-ca", _clients.PemPath)));
}
