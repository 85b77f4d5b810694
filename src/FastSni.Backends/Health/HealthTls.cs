using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FastSni.Config;

namespace FastSni.Backends;

/// <summary>How a check speaks TLS to a server.</summary>
internal static class HealthTls
{
    /// <summary>A tls check takes any certificate, that being the backend's business; an http check verifies as requests do.</summary>
    /// <exception cref="IOException">The CA file can't be read. It is read anew each time, since it may be replaced.</exception>
    internal static SslClientAuthenticationOptions OptionsFor(HealthTarget target)
    {
        // What a certificate names must not make us call there.
        X509ChainPolicy policy = new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (target.Verification.CaFile is { } file)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.ImportFromPemFile(file);
        }
        return new SslClientAuthenticationOptions
        {
            TargetHost = NameFor(target),
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = target.Verification.IsOn ? null : (_, certificate, _, _) => certificate is not null,
            AllowTlsResume = false,     // A resumed session would show the certificate of an earlier check.
        };
    }

    // An address as the name means a hello without one (RFC 6066 3) and a certificate that names the address.
    private static string NameFor(HealthTarget target)
    {
        ServerAddress server = target.Server.Config;
        string? host = server.Kind == ServerKind.HostName ? server.Host : null;
        string? name = target.Check.Kind == HealthCheckKind.Tls ? target.Check.Name ?? host : target.ServerName ?? host ?? target.Check.Name;
        return name ?? (server.Kind == ServerKind.Ip ? server.Host : "");
    }
}
