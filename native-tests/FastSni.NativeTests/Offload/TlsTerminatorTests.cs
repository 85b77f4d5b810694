using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using FastSni.Config;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Offload;

public class TlsTerminatorTests
{
    private readonly TestAuthority _authority = new("root");

    [Theory]
    [InlineData(SslProtocols.Tls12, true, false)]
    [InlineData(SslProtocols.Tls13, false, false)]
    [InlineData(SslProtocols.Tls12, false, true)]
    [InlineData(SslProtocols.Tls13, true, true)]
    public async Task Every_usual_kind_of_key_serves_both_versions(SslProtocols version, bool isRsa, bool isOldForm)
    {
        await using TlsRig rig = new();
        TestCertificate certificate = _authority.Issue("site.example.org", isRsa: isRsa);
        int port = rig.Serve(rig.Folder.WriteSite("site", isOldForm ? certificate with { Key = certificate.OldKey } : certificate))[0];
        (string text, X509Certificate2 shown) = (await rig.TalkAsync(port, new() { EnabledSslProtocols = version }))!.Value;
        Assert.Equal(("served", certificate.Leaf.SerialNumber), (text, shown.SerialNumber));
        Assert.Equal((1, 0, 0), (rig.Terminator.HandshakesDone, rig.Terminator.HandshakesFailed, rig.Terminator.HandshakesTimedOut));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_chain_is_sent_so_that_a_client_needs_the_root_alone(bool asksClients)
    {
        await using TlsRig rig = new();
        TestAuthority clients = new("clients");
        TestCertificate certificate = new TestAuthority("lower", new TestAuthority("upper", _authority)).Issue("site.example.org");
        int port = rig.Serve(rig.Folder.WriteSite("site", certificate, asksClients ? clients : null))[0];
        SslClientAuthenticationOptions options = new() { CertificateChainPolicy = Trusting(_authority) };
        if (asksClients)
            options.ClientCertificateContext = SslStreamCertificateContext.Create(clients.Issue("client", TestAuthority.ClientUse).WithKey, null, offline: true);
        Assert.NotNull(await rig.TalkAsync(port, options));
    }

    [Fact]
    public async Task A_client_of_no_section_gets_the_self_signed_certificate()
    {
        await using TlsRig rig = new();
        int[] ports = rig.Serve(null, rig.Folder.WriteSite("site", _authority.Issue("site.example.org")));
        X509Certificate2 shown = (await rig.TalkAsync(ports[0]))!.Value.Shown;
        Assert.Equal("CN=fastsni default", shown.Subject);
        Assert.True(shown.NotAfter > TimeProvider.System.GetUtcNow().AddYears(9).LocalDateTime);
        Assert.NotEqual("CN=fastsni default", (await rig.TalkAsync(ports[1]))!.Value.Shown.Subject);
    }

    [Fact]
    public async Task A_hello_cut_into_records_anywhere_gets_the_certificate_of_its_section()
    {
        await using TlsRig rig = new();
        TestCertificate certificate = _authority.Issue("site.example.org");
        int port = rig.Serve(rig.Folder.WriteSite("site", certificate))[0];
        int helloBytes = 2;
        for (int cut = 1; cut < helloBytes; cut++)
            helloBytes = await TalkCutAsync(_ => [cut]);
        Assert.True(helloBytes > 100);
        await TalkCutAsync(length => Enumerable.Repeat(1, length));

        async Task<int> TalkCutAsync(Func<int, IEnumerable<int>> sizes)
        {
            HelloCutter? cutter = null;
            (string Text, X509Certificate2 Shown)? answer = await rig.TalkAsync(port, wrap: transport => cutter = new HelloCutter(transport, sizes));
            Assert.Equal(certificate.Leaf.SerialNumber, answer?.Shown.SerialNumber);
            return cutter!.HelloBytes;
        }
    }

    [Fact]
    public async Task A_silent_client_is_given_up_after_the_timeout()
    {
        await using TlsRig rig = new(handshakeTimeout: TimeSpan.FromMilliseconds(50));
        int port = rig.Serve([null])[0];
        using Socket client = Loopback.NewSocket();
        await client.ConnectAsync(IPAddress.Loopback, port);
        Assert.Equal(0, await client.ReceiveAsync(new byte[1]));
        await Eventually.IsTrueAsync(() => rig.Terminator.HandshakesTimedOut == 1, "the timeout is counted");
        Assert.Equal(0, rig.Terminator.HandshakesFailed);
    }

    [Fact]
    public async Task What_is_no_TLS_is_counted_and_told_without_a_stack()
    {
        await using TlsRig rig = new();
        int port = rig.Serve([null])[0];
        using Socket client = Loopback.NewSocket();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        await Eventually.IsTrueAsync(() => rig.Terminator.HandshakesFailed == 1, "the failure is counted");
        string line = Assert.Single(rig.Log.Lines, line => line.Contains("handshake", StringComparison.Ordinal));
        Assert.StartsWith("Debug: TLS handshake of 127.0.0.1:", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public async Task A_site_whose_certificate_never_could_be_used_refuses_its_clients()
    {
        await using TlsRig rig = new();
        int port = rig.Serve(new TlsIdentity(rig.Folder.PathOf("none.pem"), rig.Folder.PathOf("none.key"), null))[0];
        Assert.Null(await rig.TalkAsync(port));
        Assert.Equal(1, rig.Terminator.HandshakesFailed);
    }

    private static X509ChainPolicy Trusting(TestAuthority root)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(root.Certificate);
        return policy;
    }
}
