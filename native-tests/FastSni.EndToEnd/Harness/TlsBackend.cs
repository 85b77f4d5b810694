using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>A backend that owns a certificate. It answers with its name and the client it believes it has: `mail 127.64.0.9:40112`.</summary>
internal static class TlsBackend
{
    public static TestBackend Start(string name) => TestBackend.Start(name, AnswerAsync);

    /// <summary>Does a whole handshake as a client and reads the backend's line.</summary>
    public static async Task<string> AskAsync(TestClient client, string serverName, SslProtocols protocols)
    {
        using CancellationTokenSource limit = new(Patience.Limit);
        await using SslStream tls = new(new NetworkStream(client.Socket), leaveInnerStreamOpen: false);
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = serverName,
            EnabledSslProtocols = protocols,
            CertificateChainPolicy = new() { TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust },
        };
        options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(TestCertificates.Shared.AuthorityPath);
        options.CertificateChainPolicy.RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck;
        await tls.AuthenticateAsClientAsync(options, limit.Token);
        Assert.Equal(protocols, tls.SslProtocol);
        await tls.WriteAsync("who?\n"u8.ToArray(), limit.Token);
        using StreamReader reader = new(tls);
        return await reader.ReadLineAsync(limit.Token) ?? "closed";
    }

    private static async Task AnswerAsync(BackendSession session)
    {
        using CancellationTokenSource limit = new(Patience.Limit);
        await using SslStream tls = new(new NetworkStream(session.Socket), leaveInnerStreamOpen: false);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Shared.Server }, limit.Token);
        byte[] question = new byte[64];
        await tls.ReadAtLeastAsync(question, 1, cancellationToken: limit.Token);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"{session.Backend.Name} {session.Peer}\n"), limit.Token);
        await tls.ShutdownAsync();
    }
}
