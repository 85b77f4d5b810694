using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FastSni.Config;

namespace FastSni.Offload;

/// <summary>Certificate with key, the rest of its chain, and the CAs of clients (empty = none is asked for a certificate).</summary>
internal sealed record SiteMaterial(X509Certificate2 Leaf, X509Certificate2Collection Chain, X509Certificate2Collection ClientCas)
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    /// <summary>The DNS names and addresses it is for; its subject if it has none.</summary>
    internal string Names => Leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names
        ? string.Join(' ', names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())))
        : Leaf.Subject;

    internal DateTimeOffset NotBefore => Leaf.NotBefore;
    internal DateTimeOffset NotAfter => Leaf.NotAfter;

    /// <param name="error">For the log: which file, and what is wrong with it.</param>
    internal static bool TryParse(
        TlsIdentity identity, SiteFiles files, Lazy<X509Certificate2> selfSigned,
        [NotNullWhen(true)] out SiteMaterial? material, [NotNullWhen(false)] out string? error)
    {
        (material, error) = (null, null);
        X509Certificate2Collection chain = [], clientCas = [];
        if (identity.ClientCa is { } clientCaPath && !TryImport(files.ClientCa, clientCas))
            error = $"{clientCaPath}: no PEM certificates, or damaged ones";
        else if (identity.Certificate is null)
            material = new(selfSigned.Value, chain, clientCas);
        else if (!TryImport(files.Certificate, chain))
            error = $"{identity.Certificate}: no PEM certificates, or damaged ones";
        else if (!TryJoin(files, out X509Certificate2? leaf))
            error = $"{identity.CertificateKey}: no unencrypted PEM key (RSA or ECDSA), or not the key of the first certificate in {identity.Certificate}";
        else
            material = new(leaf, chain, clientCas);
        return material is not null;
    }

    /// <summary>What SslStream is told. Made once: sessions resume only while the certificate context is the same object.</summary>
    internal SslServerAuthenticationOptions ToOptions()
    {
        bool asksClients = ClientCas.Count > 0;
        SslCertificateTrust? trust = asksClients ? SslCertificateTrust.CreateForX509Collection(ClientCas, sendTrustInHandshake: true) : null;
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(Leaf, Chain, offline: true, trust),
            // No CipherSuitesPolicy: with one, SslStream makes an SSL_CTX for every connection, and nothing resumes.
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
            // The SSL_CTX, and with it the key of the tickets, is shared by all who show the same certificate. Where clients must show theirs, a
            // session made at another site must not help, and one resumed here would come without the client's intermediates.
            AllowTlsResume = !asksClients,
        };
        if (asksClients)
        {
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = ClientPolicy();
            // Required is not enough: a client without a certificate comes as far as here.
            options.RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is not null && errors == SslPolicyErrors.None;
        }
        return options;
    }

    private X509ChainPolicy ClientPolicy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(ClientCas);
        policy.ApplicationPolicy.Add(ClientAuthentication);
        return policy;
    }

    private static bool TryImport(string pem, X509Certificate2Collection certificates)
    {
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            return false;
        }
        return certificates.Count > 0;
    }

    private static bool TryJoin(SiteFiles files, [NotNullWhen(true)] out X509Certificate2? leaf)
    {
        leaf = null;
        try
        {
            leaf = X509Certificate2.CreateFromPem(files.Certificate, files.Key);
            return true;
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            return false;
        }
    }
}
