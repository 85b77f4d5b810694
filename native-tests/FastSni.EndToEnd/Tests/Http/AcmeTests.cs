using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>A certificate from an ACME authority, through port 80 of the gateway, into its TLS.</summary>
public sealed class AcmeTests
{
    [SkippableFact]
    public async Task Lego_gets_and_renews_a_certificate_and_the_gateway_shows_each_without_a_reload()
    {
        Tool.Require("lego");
        string directory = Directory.CreateTempSubdirectory("fastsni-e2e-lego-").FullName;
        try
        {
            string certificates = Directory.CreateDirectory(Path.Combine(directory, "certificates")).FullName;
            string certificate = Path.Combine(certificates, HttpRooms.SiteName + ".crt"), key = Path.Combine(certificates, HttpRooms.SiteName + ".key");
            File.Copy(TestCertificates.Shared.ServerPath, certificate);
            File.Copy(TestCertificates.Shared.ServerPath, key);
            IPEndPoint http = new(IPAddress.Loopback, Loopback.NextPort());
            await using Pebble pebble = await Pebble.StartAsync(http.Port);
            await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Listen("http", "http", http)
                .Site("site", HttpRooms.SiteName, $"http://{Loopback.NextV4()}", ("certificate", certificate), ("certificate-key", key)));
            string webroot = Directory.CreateDirectory(Path.Combine(gateway.Directory, "state", "acme")).FullName;
            string first = await SerialAsync(gateway);

            (await pebble.LegoAsync(directory, webroot, HttpRooms.SiteName, "run")).AssertSuccess();
            string issued = await NextSerialAsync(gateway, first);
            Assert.Equal(X509CertificateLoader.LoadCertificateFromFile(certificate).SerialNumber, issued);

            (await pebble.LegoAsync(directory, webroot, HttpRooms.SiteName, "renew", "--days", "10000", "--no-random-sleep")).AssertSuccess();
            string renewed = await NextSerialAsync(gateway, issued);
            Assert.Equal(X509CertificateLoader.LoadCertificateFromFile(certificate).SerialNumber, renewed);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string> NextSerialAsync(Gateway gateway, string before)
    {
        string now = before;
        await Patience.UntilAsync(async () => (now = await SerialAsync(gateway)) != before, () => $"another certificate\n{gateway.Log.Tail}", Patience.BulkLimit);
        return now;
    }

    private static async Task<string> SerialAsync(Gateway gateway)
    {
        using TestClient client = await gateway.ConnectAsync();
        await using SslStream tls = new(new System.Net.Sockets.NetworkStream(client.Socket), leaveInnerStreamOpen: false);
        // Which certificate it is is the question here, not whether to trust it.
        string? serial = null;
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = HttpRooms.SiteName,
            RemoteCertificateValidationCallback = (_, shown, _, _) => (serial = (shown as X509Certificate2)?.SerialNumber) is not null,
        }).Within("a handshake");
        return serial!;
    }
}
