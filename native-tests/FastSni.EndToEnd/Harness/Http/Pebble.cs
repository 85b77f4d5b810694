using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace FastSni.EndToEnd.Harness;

/// <summary>Pebble, an ACME authority for tests. It looks every name up at 127.0.0.1 and asks for challenges on the given port.</summary>
internal sealed class Pebble : Daemon
{
    private readonly DnsResponder _names = new();

    private Pebble()
    {
    }

    /// <summary>PEM of whom to trust for <see cref="Daemon.V4"/>, where the directory is.</summary>
    public string TrustPath => Path.Combine(Directory, "pebble.crt");

    public string DirectoryUrl => $"https://{V4}/dir";

    public static async Task<Pebble> StartAsync(int httpPort)
    {
        string path = Tool.Require("pebble");
        Pebble pebble = new();
        pebble.WriteCertificate();
        string config = Path.Combine(pebble.Directory, "pebble.json");
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new
        {
            pebble = new
            {
                listenAddress = pebble.V4.ToString(),
                managementListenAddress = pebble.V6.ToString(),
                certificate = pebble.TrustPath,
                privateKey = Path.Combine(pebble.Directory, "pebble.key"),
                httpPort,
                tlsPort = Loopback.NextPort(),
            },
        }));
        await pebble.RunAsync(
            Tool.Require("env"), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0", path, "-strict=false", "-config", config, "-dnsserver", pebble._names.EndPoint.ToString());
        return pebble;
    }

    /// <summary>Runs lego against this authority, its files in a directory.</summary>
    public Task<ToolResult> LegoAsync(string directory, string webroot, string name, params string[] command) => Tool.RunAsync(
        Tool.Require("env"),
        [
            $"LEGO_CA_CERTIFICATES={TrustPath}", Tool.Require("lego"), "--server", DirectoryUrl, "--email", "admin@home.test", "--accept-tos",
            "--path", directory, "--domains", name, "--http", "--http.webroot", webroot, .. command,
        ],
        within: Patience.BulkLimit);

    private void WriteCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=pebble", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(V4.Address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        File.WriteAllText(TrustPath, certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(Path.Combine(Directory, "pebble.key"), key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _names.Dispose();
    }
}
