using System.Security.Cryptography.X509Certificates;

namespace FastSni.EndToEnd.Harness;

/// <summary>The run's own authority, and one certificate for *.home.test.</summary>
internal sealed class TestCertificates
{
    private static readonly Lazy<TestCertificates> Lazy = new(() => new TestCertificates());

    private TestCertificates()
    {
        IssuedCertificate server = Authority.Issue("*.home.test");
        Server = server.Certificate;
        ServerPath = Path.ChangeExtension(server.CertificatePath, "pem");
        File.WriteAllText(ServerPath, File.ReadAllText(server.CertificatePath) + File.ReadAllText(server.KeyPath));
    }

    public static TestCertificates Shared => Lazy.Value;

    public TestAuthority Authority { get; } = new("fastsni test authority");

    public X509Certificate2 Server { get; }

    /// <summary>PEM of the authority, for clients that verify.</summary>
    public string AuthorityPath => Authority.PemPath;

    /// <summary>PEM of certificate and key in one file.</summary>
    public string ServerPath { get; }
}
