using System.Security.Cryptography;
using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public sealed class CertificateTests : IDisposable
{
    private const string Site = "[offload:app]\nnames = app.example.eu\nbackend = http://x\n";
    private const string WithPair = Site + "certificate = app.pem\ncertificate-key = app.key\n";

    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pair_is_kept_as_absolute_paths(bool isRsa)
    {
        Write(isRsa ? TestCertificate.Rsa("app.example.eu") : TestCertificate.For("app.example.eu"));
        _folder.Write(ConfigFolder.Main, WithPair);
        Assert.Empty(_folder.Warnings());
        Assert.Equal(new TlsIdentity(At("app.pem"), At("app.key"), null), TlsOf(0));
    }

    [Fact]
    public void A_path_is_relative_to_the_file_it_is_written_in()
    {
        TestCertificate pair = TestCertificate.For("app.example.eu");
        _folder.Write("conf.d/app.pem", pair.Chain + TestCertificate.For("ca.example").Chain).Write("app.key", pair.Key);
        _folder.Write(ConfigFolder.Main, "[gateway]\n");
        _folder.Write("conf.d/app.ini", $"{Site}certificate = app.pem\ncertificate-key = {At("app.key")}\n");
        Assert.Equal(new TlsIdentity(At("conf.d/app.pem"), At("app.key"), null), TlsOf(0));
    }

    [Theory]
    [InlineData("certificate = app.pem", "1: [offload:app] certificate-key: missing: write where the certificate's key is, such as certbot's privkey.pem")]
    [InlineData("certificate-key = app.key",
        "1: [offload:app] certificate: missing: write where the key's certificate is, such as certbot's fullchain.pem, or remove the key")]
    [InlineData("certificate =", "4: [offload:app] certificate: no file given: write the path of a PEM file, or remove the key")]
    [InlineData("client-ca = none.pem", "4: [offload:app] client-ca: none.pem: there is no such file")]
    [InlineData("client-ca = conf.d", "4: [offload:app] client-ca: conf.d: this is a directory; a file is needed")]
    [InlineData("client-ca = app.key",
        "4: [offload:app] client-ca: app.key: there is no certificate in it: write a PEM file such as certbot's fullchain.pem")]
    public void Half_a_pair_or_a_wrong_file_is_an_error(string line, string message)
    {
        Write(TestCertificate.For("app.example.eu"));
        _folder.Write("conf.d/.keep", "").Write(ConfigFolder.Main, $"{Site}{line}\n");
        Assert.Equal([$"fastsni.ini:{message}"], _folder.Errors());
    }

    [Fact]
    public void Missing_files_are_errors_of_their_keys() => Assert.Equal(
        ["fastsni.ini:4: [offload:app] certificate: app.pem: there is no such file",
         "fastsni.ini:5: [offload:app] certificate-key: app.key: there is no such file"],
        _folder.Write(ConfigFolder.Main, WithPair).Errors());

    [Fact]
    public void A_key_of_another_certificate_is_an_error() => AssertKeyError(
        TestCertificate.For("app.example.eu").Key, "it is not the key of app.pem: write the one that the certificate was asked for with");

    [Fact]
    public void A_key_of_another_kind_is_an_error() => AssertKeyError(
        TestCertificate.Rsa("a.org").Key.Replace("RSA PRIVATE KEY", "EC PRIVATE KEY", StringComparison.Ordinal),
        "it holds no key that can be read for app.pem: RSA and ECDSA keys in PEM form are understood");

    [Fact]
    public void An_encrypted_key_is_an_error()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string pem = key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1));
        AssertKeyError(pem, "the key is encrypted, and nobody is there to type its passphrase: write it out with `openssl pkey`");
    }

    [Fact]
    public void A_file_without_a_key_is_an_error() =>
        AssertKeyError("nothing", "there is no private key in it: write a PEM file such as certbot's privkey.pem");

    [Fact]
    public void A_broken_certificate_is_an_error()
    {
        Write(TestCertificate.For("app.example.eu"));
        _folder.Write("app.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").Write(ConfigFolder.Main, WithPair);
        Assert.Equal(["fastsni.ini:4: [offload:app] certificate: app.pem: a certificate in it is broken: copy the file again, or renew it"], _folder.Errors());
    }

    [Fact]
    public void Times_are_warnings()
    {
        Write(TestCertificate.Between(TestCertificate.Today.AddYears(-5), TestCertificate.Today.AddYears(-4), "app.example.eu"));
        _folder.Write(ConfigFolder.Main, WithPair);
        Assert.Equal(["fastsni.ini:4: [offload:app] certificate: app.pem expired on 2022-01-01: clients refuse it until it is renewed"], _folder.Warnings());
        Write(TestCertificate.Between(TestCertificate.Today.AddYears(60), TestCertificate.Today.AddYears(61), "app.example.eu"));
        Assert.Equal(
            ["fastsni.ini:4: [offload:app] certificate: app.pem is not valid before 2086-01-01: clients refuse it until then; is the clock right?"],
            _folder.Warnings());
    }

    [Theory]
    [InlineData("app.example.eu", "")]
    [InlineData("APP.example.eu", "")]
    [InlineData("*.example.eu", "")]
    [InlineData("*.example.eu, a.b.example.eu", "a.b.example.eu")]
    [InlineData("example.eu", "example.eu")]
    [InlineData(".example.eu, other.eu", "example.eu and 1 more of these names")]
    [InlineData("bücher.example", "")]
    public void Names_that_the_certificate_is_not_for_are_a_warning(string names, string uncovered)
    {
        Write(TestCertificate.For("*.example.eu", "xn--bcher-kva.example"));
        _folder.Write(ConfigFolder.Main, WithPair.Replace("app.example.eu", names, StringComparison.Ordinal));
        Assert.Equal(
            uncovered.Length == 0 ? [] : [$"fastsni.ini:2: [offload:app] names: app.pem is not for {uncovered}: clients will refuse it"], _folder.Warnings());
    }

    [Fact]
    public void The_default_certificate_serves_sections_without_one()
    {
        Write(TestCertificate.For("*.example.eu"));
        _folder.Write(ConfigFolder.Main, $"{Site}client-ca = app.pem\n[default]\ncertificate = app.pem\ncertificate-key = app.key\nstatus = 503\n");
        Snapshot snapshot = _folder.Snapshot();
        Assert.Equal(new TlsIdentity(At("app.pem"), At("app.key"), At("app.pem")), TlsOf(0));
        Assert.Equal(new DefaultSite(new TlsIdentity(At("app.pem"), At("app.key"), null), 503), snapshot.DefaultSite);
    }

    [Fact]
    public void Without_any_certificate_it_is_self_signed()
    {
        Write(TestCertificate.For("ca.example"));
        _folder.Write(ConfigFolder.Main, $"{Site}client-ca = app.pem\n{Site.Replace("app", "two", StringComparison.Ordinal)}");
        Assert.Equal(new TlsIdentity(null, null, At("app.pem")), TlsOf(0));
        Assert.Equal(TlsIdentity.SelfSigned, TlsOf(1));
        Assert.Equal(new DefaultSite(TlsIdentity.SelfSigned, 404), _folder.Snapshot().DefaultSite);
    }

    [Fact]
    public void A_default_certificate_needs_its_key()
    {
        Write(TestCertificate.For("a.org"));
        Assert.Equal(
            ["fastsni.ini:1: [default] certificate-key: missing: write where the certificate's key is, such as certbot's privkey.pem"],
            _folder.Write(ConfigFolder.Main, "[default]\ncertificate = app.pem\n").Errors());
    }

    private void AssertKeyError(string key, string sentence)
    {
        Write(TestCertificate.For("app.example.eu") with { Key = key });
        Assert.Equal([$"fastsni.ini:5: [offload:app] certificate-key: app.key: {sentence}"], _folder.Write(ConfigFolder.Main, WithPair).Errors());
    }

    private void Write(TestCertificate pair) => _folder.Write("app.pem", pair.Chain).Write("app.key", pair.Key);

    private string At(string file) => Path.Combine(_folder.Root, file);

    private TlsIdentity TlsOf(int section) => ((OffloadSection)_folder.Snapshot().Sections[section]).Tls;
}
