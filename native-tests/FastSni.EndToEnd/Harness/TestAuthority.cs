using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FastSni.EndToEnd.Harness;

/// <summary>A certificate with its key, as an object and as files that certbot could have written.</summary>
internal sealed record IssuedCertificate(X509Certificate2 Certificate, string CertificatePath, string KeyPath)
{
    public string Thumbprint => Certificate.Thumbprint;
}

/// <summary>A throw-away authority whose files lie in a temporary directory while the tests run.</summary>
internal sealed class TestAuthority
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastsni-e2e-pki-").FullName;
    private readonly X509Certificate2 _self;
    private readonly DateTimeOffset _from = TimeProvider.System.GetUtcNow().AddDays(-1);
    private int _issued;

    public TestAuthority(string name)
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(_directory, recursive: true);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        _self = request.CreateSelfSigned(_from, _from.AddDays(90));
        File.WriteAllText(PemPath, _self.ExportCertificatePem() + "\n");
    }

    /// <summary>The authority's own certificate, for those who verify.</summary>
    public string PemPath => Path.Combine(_directory, "ca.pem");

    /// <summary>For a server of these names; the first is the subject's.</summary>
    public IssuedCertificate Issue(params string[] names) => Issue(names, isRsa: false, days: 60);

    public IssuedCertificate IssueRsa(params string[] names) => Issue(names, isRsa: true, days: 60);

    /// <summary>For a client.</summary>
    public IssuedCertificate IssueClient(string name) => Issue([name], isRsa: false, days: 60);

    private IssuedCertificate Issue(string[] names, bool isRsa, int days)
    {
        using AsymmetricAlgorithm key = isRsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string subject = $"CN={names[0]}";
        CertificateRequest request = key is RSA rsa
            ? new(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder alternatives = new();
        foreach (string name in names)
            alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        // Both for servers and for clients (RFC 5280 4.2.1.12).
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        X509SignatureGenerator signer = X509SignatureGenerator.CreateForECDsa(_self.GetECDsaPrivateKey()!);
        using X509Certificate2 bare = request.Create(_self.SubjectName, signer, _from, _from.AddDays(days), RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 joined = key is RSA pair ? bare.CopyWithPrivateKey(pair) : bare.CopyWithPrivateKey((ECDsa)key);
        string stem = Path.Combine(_directory, $"{Interlocked.Increment(ref _issued)}");
        File.WriteAllText($"{stem}.crt", bare.ExportCertificatePem() + "\n");
        File.WriteAllText($"{stem}.key", key.ExportPkcs8PrivateKeyPem() + "\n");
        return new(X509CertificateLoader.LoadPkcs12(joined.Export(X509ContentType.Pkcs12), null), $"{stem}.crt", $"{stem}.key");
    }
}
