using Xunit;

namespace FastSni.NativeTests.Offload;

/// <summary>What OpenSSL's client sees: versions, protocols, sessions.</summary>
public class TlsProtocolTests
{
    private readonly TestAuthority _authority = new("root");

    [SkippableTheory]
    [InlineData("-tls1_2", "TLSv1.2")]
    [InlineData("-tls1_3", "TLSv1.3")]
    public async Task A_session_is_resumed_until_the_certificate_changes(string version, string name)
    {
        await using TlsRig rig = new();
        int port = rig.Serve(rig.Folder.WriteSite("site", _authority.Issue("site.example.org")))[0];
        string session = rig.Folder.PathOf("session");
        string first = await OpenSslClient.RunAsync(port, version, "-sess_out", session);
        Assert.Contains($"New, {name}", first, StringComparison.Ordinal);
        string second = await OpenSslClient.RunAsync(port, version, "-sess_in", session);
        Assert.Contains($"Reused, {name}", second, StringComparison.Ordinal);
        Assert.Contains("served", second, StringComparison.Ordinal);
        rig.Folder.WriteSite("site", _authority.Issue("site.example.org"));
        rig.Store.Look();
        string third = await OpenSslClient.RunAsync(port, version, "-sess_in", session);
        Assert.Contains($"New, {name}", third, StringComparison.Ordinal);
        Assert.Contains("served", third, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_end_is_announced_so_that_it_can_be_told_from_a_cut()
    {
        await using TlsRig rig = new();
        string output = await OpenSslClient.RunAsync(rig.Serve([null])[0]);
        Assert.Contains("served", output, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected eof", output, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("-tls1")]
    [InlineData("-tls1_1")]
    public async Task Older_versions_are_refused_with_protocol_version(string version)
    {
        await using TlsRig rig = new();
        string output = await OpenSslClient.RunAsync(rig.Serve([null])[0], version, "-cipher", "DEFAULT:@SECLEVEL=0");
        Assert.Contains("SSL alert number 70", output, StringComparison.Ordinal);
        Assert.Equal((0, 1), (rig.Terminator.HandshakesDone, rig.Terminator.HandshakesFailed));
    }

    [SkippableTheory]
    [InlineData("h2,http/1.1", "ALPN protocol: h2", "served h2")]
    [InlineData("http/1.1,h2", "ALPN protocol: h2", "served h2")]
    [InlineData("spdy/3,http/1.1", "ALPN protocol: http/1.1", "served http/1.1")]
    public async Task H2_is_chosen_before_http_1_whatever_the_client_prefers(string offer, string chosen, string text)
    {
        await using TlsRig rig = new();
        string output = await OpenSslClient.RunAsync(rig.Serve([null])[0], "-alpn", offer);
        Assert.Contains(chosen, output, StringComparison.Ordinal);
        Assert.Contains(text, output, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("-tls1_2", "acme-tls/1")]
    [InlineData("-tls1_3", "acme-tls/1")]
    [InlineData("-tls1_3", "http/1.0,h2c")]
    public async Task An_offer_without_a_protocol_of_ours_is_refused_with_no_application_protocol(string version, string offer)
    {
        await using TlsRig rig = new();
        string output = await OpenSslClient.RunAsync(rig.Serve([null])[0], version, "-alpn", offer);
        Assert.Contains("SSL alert number 120", output, StringComparison.Ordinal);
        Assert.Equal((0, 1), (rig.Terminator.HandshakesDone, rig.Terminator.HandshakesFailed));
    }

    [SkippableFact]
    public async Task Keys_that_are_not_exchanged_anew_are_not_agreed_upon()
    {
        await using TlsRig rig = new();
        int port = rig.Serve(rig.Folder.WriteSite("site", _authority.Issue("site.example.org", isRsa: true)))[0];
        string output = await OpenSslClient.RunAsync(port, "-tls1_2", "-cipher", "kRSA");
        Assert.Contains("SSL alert number 40", output, StringComparison.Ordinal);
    }
}
