using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FastSni.Backends;
using FastSni.Config;

namespace FastSni.Http;

/// <summary>TLS towards an https backend: `backend-verify`, its CA file read once.</summary>
internal sealed class UpstreamTls
{
    private readonly X509ChainPolicy? _policy;  // null: `backend-verify = off`.

    /// <exception cref="IOException">The CA file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">There is no certificate in it.</exception>
    internal UpstreamTls(BackendVerification verification)
    {
        if (!verification.IsOn)
            return;
        // A handshake must not make us fetch what the peer's certificate points to.
        _policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (verification.CaFile is not { } file)
            return;
        _policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        _policy.CustomTrustStore.ImportFromPemFile(file);
        if (_policy.CustomTrustStore.Count == 0)
            throw new System.Security.Cryptography.CryptographicException();
    }

    /// <summary>The name in our hello, which the certificate must have.</summary>
    /// <param name="configured">See <see cref="HttpBackendOptions.ServerName"/>.</param>
    internal static string NameFor(Exchange exchange, Server server, string? configured) =>
        configured ?? (server.Config.Kind == ServerKind.HostName ? server.Config.Host : exchange.Host);

    internal SslClientAuthenticationOptions OptionsFor(string name, SslApplicationProtocol protocol) => new()
    {
        TargetHost = name,
        ApplicationProtocols = [protocol],
        CertificateChainPolicy = _policy?.Clone(),
        RemoteCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.None || _policy is null,
    };
}
