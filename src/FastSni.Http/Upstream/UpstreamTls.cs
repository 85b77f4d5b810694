using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FastSni.Config;

namespace FastSni.Http;

/// <summary>How TLS towards an https backend is verified: `backend-verify`. A CA file is read once; a reload makes another of these.</summary>
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
    }

    internal SslClientAuthenticationOptions OptionsFor(string name) => new()
    {
        TargetHost = name,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        CertificateChainPolicy = _policy?.Clone(),
        RemoteCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.None || _policy is null,
    };
}
