using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FastSni.LoadTests.Soak;

internal static class SoakCertificate
{
    /// <summary>Self-signed ECDSA P-256 for the offloaded name, as two PEM files.</summary>
    public static (string Chain, string Key) Make(string directory, int number)
    {
        string chain = Path.Combine(directory, $"chain-{number}.pem"), keyPath = Path.Combine(directory, $"key-{number}.pem");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={SoakConfig.AppName}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(SoakConfig.AppName);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset from = TimeProvider.System.GetUtcNow().AddDays(-1);
        using X509Certificate2 certificate = request.CreateSelfSigned(from, from.AddDays(60));
        File.WriteAllText(chain, certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem() + "\n");
        return (chain, keyPath);
    }
}
