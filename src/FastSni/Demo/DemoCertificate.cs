using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FastSni.Demo;

/// <summary>Throw-away certificates: self-signed, good for a month, for a host and everything below it.</summary>
internal static class DemoCertificate
{
    internal static X509Certificate2 Create(string host)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={host}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(host);
        names.AddDnsName("*." + host);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddDays(30));
    }

    /// <summary>Writes one as PEM: `certificate.pem` and `key.pem` in the folder.</summary>
    internal static void Write(string host, string folder)
    {
        using X509Certificate2 certificate = Create(host);
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(Path.Combine(folder, "certificate.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }
}
