using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FastSni.LoadTests.Staging;

internal static class SelfSigned
{
    /// <summary>A self-signed ECDSA P-256 certificate for one name, as two PEM files.</summary>
    public static (string Chain, string Key) Make(string directory, int number, string name)
    {
        string chain = Path.Combine(directory, $"chain-{number}.pem"), keyPath = Path.Combine(directory, $"key-{number}.pem");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset from = TimeProvider.System.GetUtcNow().AddDays(-1);
        using X509Certificate2 certificate = request.CreateSelfSigned(from, from.AddDays(60));
        File.WriteAllText(chain, certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem() + "\n");
        return (chain, keyPath);
    }
}
