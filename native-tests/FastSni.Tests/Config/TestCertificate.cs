using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FastSni.Tests.Config;

/// <summary>Certificates made on the spot, as PEM.</summary>
internal sealed record TestCertificate(string Chain, string Key)
{
    public static readonly DateTimeOffset Today = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>An ECDSA certificate that is valid for years.</summary>
    public static TestCertificate For(params string[] names) => Between(Today.AddYears(-5), Today.AddYears(50), names);

    public static TestCertificate Between(DateTimeOffset begin, DateTimeOffset end, params string[] names)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=test", key, HashAlgorithmName.SHA256);
        return Create(request, begin, end, names, key.ExportPkcs8PrivateKeyPem());
    }

    public static TestCertificate Rsa(params string[] names)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return Create(request, Today.AddYears(-5), Today.AddYears(50), names, key.ExportRSAPrivateKeyPem());
    }

    private static TestCertificate Create(CertificateRequest request, DateTimeOffset begin, DateTimeOffset end, string[] names, string key)
    {
        SubjectAlternativeNameBuilder alternatives = new();
        foreach (string name in names)
            alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(begin, end);
        return new(certificate.ExportCertificatePem() + "\n", key + "\n");
    }
}
