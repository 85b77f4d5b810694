using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FastSni.EndToEnd.Harness;

/// <summary>A throw-away authority and one certificate for *.home.test, made once a run and left in a temporary directory while it lasts.</summary>
internal sealed class TestCertificates
{
    private static readonly Lazy<TestCertificates> Lazy = new(() => new TestCertificates());

    private TestCertificates()
    {
        string directory = Directory.CreateTempSubdirectory("fastsni-e2e-pki-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        DateTimeOffset from = TimeProvider.System.GetUtcNow().AddDays(-1), until = from.AddDays(30);

        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest authorityRequest = new("CN=fastsni test authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        using X509Certificate2 authority = authorityRequest.CreateSelfSigned(from, until);

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=home.test", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("*.home.test");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        using X509Certificate2 bare = request.Create(authority, from, until, RandomNumberGenerator.GetBytes(8));
        Server = X509CertificateLoader.LoadPkcs12(bare.CopyWithPrivateKey(key).Export(X509ContentType.Pkcs12), null);

        AuthorityPath = Path.Combine(directory, "ca.pem");
        ServerPath = Path.Combine(directory, "server.pem");
        File.WriteAllText(AuthorityPath, authority.ExportCertificatePem() + "\n");
        File.WriteAllText(ServerPath, $"{bare.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
    }

    public static TestCertificates Shared => Lazy.Value;

    public X509Certificate2 Server { get; }

    /// <summary>PEM of the authority, for clients that verify.</summary>
    public string AuthorityPath { get; }

    /// <summary>PEM of certificate and key in one file.</summary>
    public string ServerPath { get; }
}
