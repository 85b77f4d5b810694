using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FastSni.EndToEnd.Harness;

/// <summary>An authority that has signed nothing of what the tests show.</summary>
internal sealed class OtherAuthority : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastsni-e2e-other-").FullName;

    public OtherAuthority()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=fastsni other authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        Path = System.IO.Path.Combine(_directory, "ca.pem");
        File.WriteAllText(Path, authority.ExportCertificatePem() + "\n");
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
