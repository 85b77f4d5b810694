using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using FastSni.Config;
using Xunit;

namespace FastSni.NativeTests.Offload;

/// <summary>Sites with client-ca.</summary>
public class ClientCertificateTests
{
    private readonly TestAuthority _authority = new("root"), _clients = new("clients of the site");

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Only_a_certificate_that_the_client_ca_signed_for_clients_opens_the_door(SslProtocols version)
    {
        await using TlsRig rig = new();
        int port = rig.Serve(rig.Folder.WriteSite("site", _authority.Issue("site.example.org"), _clients))[0];
        TestAuthority lower = new("lower", _clients);

        Assert.Null(await TalkAsync(null));
        Assert.Null(await TalkAsync(_authority.Issue("client", TestAuthority.ClientUse)));
        Assert.Null(await TalkAsync(new TestAuthority("clients of the site").Issue("client", TestAuthority.ClientUse)));
        Assert.Null(await TalkAsync(_clients.Issue("client", TestAuthority.ServerUse)));
        Assert.Null(await TalkAsync(_clients.Issue("client", TestAuthority.ClientUse, days: -1)));
        Assert.Equal((0, 5), (rig.Terminator.HandshakesDone, rig.Terminator.HandshakesFailed));

        Assert.NotNull(await TalkAsync(_clients.Issue("client", TestAuthority.ClientUse)));
        Assert.NotNull(await TalkAsync(lower.Issue("client", TestAuthority.ClientUse), lower));
        Assert.Equal((2, 5), (rig.Terminator.HandshakesDone, rig.Terminator.HandshakesFailed));
        // What one client sends may not help another: the policy is not filled by use.
        Assert.Null(await TalkAsync(lower.Issue("client", TestAuthority.ClientUse)));

        async Task<(string, X509Certificate2)?> TalkAsync(TestCertificate? certificate, TestAuthority? issuer = null) => await rig.TalkAsync(port, new()
        {
            EnabledSslProtocols = version,
            ClientCertificateContext = certificate is null
                ? null
                : SslStreamCertificateContext.Create(certificate.WithKey, issuer is null ? null : [issuer.Certificate], offline: true),
        });
    }

    [SkippableTheory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_session_from_an_open_site_is_worth_nothing_at_a_closed_one(string version)
    {
        await using TlsRig rig = new();
        // The worst case: both show the same certificate.
        TestCertificate certificate = _authority.Issue("site.example.org"), client = _clients.Issue("client", TestAuthority.ClientUse);
        TlsIdentity open = rig.Folder.WriteSite("site", certificate), closed = rig.Folder.WriteSite("site", certificate, _clients);
        int[] ports = rig.Serve(open, closed);
        (string session, string other) = (rig.Folder.PathOf("session"), rig.Folder.PathOf("other"));
        string[] shown = ["-cert", rig.Folder.Write("client.pem", client.Chain), "-key", rig.Folder.Write("client.key", client.Key)];

        Assert.Contains("served", await OpenSslClient.RunAsync(ports[0], version, "-sess_out", session), StringComparison.Ordinal);
        string stolen = await OpenSslClient.RunAsync(ports[1], version, "-sess_in", session);
        Assert.DoesNotContain("served", stolen, StringComparison.Ordinal);
        Assert.DoesNotContain("Reused", stolen, StringComparison.Ordinal);
        Assert.Equal(1, rig.Terminator.HandshakesFailed);

        string invited = await OpenSslClient.RunAsync(ports[1], [version, "-sess_in", session, "-sess_out", other, .. shown]);
        Assert.Contains("served", invited, StringComparison.Ordinal);
        Assert.DoesNotContain("Reused", invited, StringComparison.Ordinal);
        Assert.Contains("CN = clients of the site", invited, StringComparison.Ordinal);
        Assert.Contains("Reused", await OpenSslClient.RunAsync(ports[0], version, "-sess_in", session), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Clients_of_a_closed_site_show_their_certificate_every_time(string version)
    {
        await using TlsRig rig = new();
        TestCertificate client = _clients.Issue("client", TestAuthority.ClientUse);
        int port = rig.Serve(rig.Folder.WriteSite("site", _authority.Issue("site.example.org"), _clients))[0];
        string session = rig.Folder.PathOf("session");
        string[] shown = ["-cert", rig.Folder.Write("client.pem", client.Chain), "-key", rig.Folder.Write("client.key", client.Key)];
        Assert.Contains("served", await OpenSslClient.RunAsync(port, [version, "-sess_out", session, .. shown]), StringComparison.Ordinal);
        if (File.Exists(session))
        {
            Assert.DoesNotContain("served", await OpenSslClient.RunAsync(port, version, "-sess_in", session), StringComparison.Ordinal);
            Assert.Contains("served", await OpenSslClient.RunAsync(port, [version, "-sess_in", session, .. shown]), StringComparison.Ordinal);
        }
        else
            Assert.DoesNotContain("served", await OpenSslClient.RunAsync(port, version), StringComparison.Ordinal);
    }
}
