using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FastSni.NativeTests.Offload;

/// <summary>A CA of one test, with keys of its own.</summary>
internal sealed class TestAuthority
{
    internal const string ServerUse = "1.3.6.1.5.5.7.3.1", ClientUse = "1.3.6.1.5.5.7.3.2";

    private static readonly DateTimeOffset Born = TimeProvider.System.GetUtcNow().AddDays(-10);

    private readonly TestAuthority? _parent;

    internal TestAuthority(string name, TestAuthority? parent = null)
    {
        _parent = parent;
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Certificate = parent is null
            ? request.CreateSelfSigned(Born, Born.AddYears(1))
            : request.Create(parent.Certificate, Born, Born.AddDays(300), RandomNumberGenerator.GetBytes(12)).CopyWithPrivateKey(key);
    }

    internal X509Certificate2 Certificate { get; }

    internal string Pem => Certificate.ExportCertificatePem();

    /// <summary>A certificate for one name, with a new key.</summary>
    /// <param name="days">Until it ends, from now; less than 0 = it has ended.</param>
    internal TestCertificate Issue(string name, string use = ServerUse, bool isRsa = false, int days = 90)
    {
        using RSA rsa = RSA.Create(2048);
        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = isRsa
            ? new($"CN={name}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new($"CN={name}", ecdsa, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        X509SignatureGenerator signer = X509SignatureGenerator.CreateForECDsa(Certificate.GetECDsaPrivateKey()!);
        X509Certificate2 leaf = request.Create(
            Certificate.SubjectName, signer, Born, Born.AddDays(10 + days), RandomNumberGenerator.GetBytes(12));
        return new(leaf, PemWithIssuers(leaf),
            isRsa ? rsa.ExportPkcs8PrivateKeyPem() : ecdsa.ExportPkcs8PrivateKeyPem(),
            isRsa ? rsa.ExportRSAPrivateKeyPem() : ecdsa.ExportECPrivateKeyPem());
    }

    // As certbot writes it: the leaf, then what leads to the root, without the root.
    private string PemWithIssuers(X509Certificate2 leaf)
    {
        string pem = leaf.ExportCertificatePem() + "\n";
        for (TestAuthority authority = this; authority._parent is not null; authority = authority._parent)
            pem += authority.Pem + "\n";
        return pem;
    }
}

/// <param name="Chain">PEM, leaf first.</param>
/// <param name="Key">PKCS#8 PEM.</param>
/// <param name="OldKey">The same key as EC PRIVATE KEY or RSA PRIVATE KEY.</param>
internal sealed record TestCertificate(X509Certificate2 Leaf, string Chain, string Key, string OldKey)
{
    internal X509Certificate2 WithKey => X509Certificate2.CreateFromPem(Chain, Key);
}
