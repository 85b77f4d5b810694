using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FastSni.Offload;

/// <summary>What a site without a certificate shows. No client is meant to trust it; it only lets the handshake end and the page be sent.</summary>
internal static class SelfSignedCertificate
{
    /// <summary>ECDSA P-256, ten years; the key never leaves memory.</summary>
    internal static X509Certificate2 Create(DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=fastsni default", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        // A name that can't exist (RFC 6761 6.4).
        names.AddDnsName("fastsni-default.invalid");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        // A day back, for clients whose clock is behind.
        return request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
    }
}
