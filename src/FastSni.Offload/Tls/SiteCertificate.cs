using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FastSni.Config;
using Microsoft.Extensions.Logging;

namespace FastSni.Offload;

/// <summary>
/// What one identity shows, and the state of its files. <see cref="Look"/> is called by one thread at a time; <see cref="Options"/> by any.
/// A renewal writes several files one after another, so what does not fit together is told only when the next look finds the same.
/// </summary>
internal sealed class SiteCertificate(TlsIdentity identity, Lazy<X509Certificate2> selfSigned, TimeProvider clock, ILogger log)
{
    /// <summary>With less than this left a renewal is late; of a short life, with less than a third.</summary>
    private static readonly TimeSpan EndsSoon = TimeSpan.FromDays(14);

    private readonly string _file = identity.Certificate ?? "(self-signed)";
    private volatile SslServerAuthenticationOptions? _options;
    private string? _loaded;    // The digest of what is in use.
    private string? _failed;    // What the last look could not use: a digest, or why the files could not be read.
    private bool _failureIsTold;
    private volatile Validity _validity = Validity.Unlimited;
    private bool _endIsTold;

    internal bool HasFiles { get; } = identity != TlsIdentity.SelfSigned;

    /// <summary>null until its files could be used for the first time, or until a self-signed one was needed.</summary>
    internal SslServerAuthenticationOptions? Options => _options;

    /// <summary>Of the certificate in use; null where there is none from a file.</summary>
    internal DateTimeOffset? NotAfter => _options is null || !HasFiles ? null : _validity.NotAfter;

    /// <summary>Reads the files, and takes what they hold if it has changed and is sound. Says once when what is in use ends soon.</summary>
    /// <param name="isPatient">A failure is told at the second look that finds it, else at the first.</param>
    internal void Look(bool isPatient)
    {
        Read(isPatient);
        if (_endIsTold || clock.GetUtcNow() <= _validity.SoonFrom)
            return;
        _endIsTold = true;
        Log.CertificateEnds(log, _file, _validity.Names, _validity.NotAfter);
    }

    private void Read(bool isPatient)
    {
        if (!SiteFiles.TryRead(identity, out SiteFiles files, out string? error))
        {
            Fail(error, error, isPatient);
            return;
        }
        string digest = files.Digest;
        if (digest == _loaded)
            _failed = null;
        else if (TryUse(files, out error))
            (_loaded, _failed) = (digest, null);
        else
            Fail(digest, error, isPatient);
    }

    private bool TryUse(SiteFiles files, out string error)
    {
        error = "";
        if (!SiteMaterial.TryParse(identity, files, selfSigned, out SiteMaterial? material, out string? parseError))
        {
            error = parseError;
            return false;
        }
        DateTimeOffset now = clock.GetUtcNow();
        // With nothing better at hand it is used all the same: the client decides.
        if (_options is not null && (now < material.NotBefore || now > material.NotAfter))
        {
            error = $"it is good from {material.NotBefore:u} to {material.NotAfter:u} only";
            return false;
        }
        string names;
        try
        {
            names = material.Names;
            _options = material.ToOptions();
        }
        catch (CryptographicException failure)
        {
            error = $"what it holds is damaged ({failure.Message})";
            return false;
        }
        if (identity.Certificate is null)
            return true;
        Log.CertificateLoaded(log, _file, names, material.Leaf.Issuer, material.NotAfter);
        TimeSpan third = (material.NotAfter - material.NotBefore) / 3;
        (_validity, _endIsTold) = (new(names, material.NotAfter, material.NotAfter - (third < EndsSoon ? third : EndsSoon)), false);
        return true;
    }

    private void Fail(string failed, string reason, bool isPatient)
    {
        if (failed != _failed)
        {
            (_failed, _failureIsTold) = (failed, false);
            if (isPatient)
                return;
        }
        if (_failureIsTold)
            return;
        _failureIsTold = true;
        Log.CertificateRefused(log, _file, reason, _options is null ? "its clients are refused" : "the one in use stays");
    }

    /// <summary>Of what is in use.</summary>
    /// <param name="SoonFrom">From when on its end is worth a warning.</param>
    private sealed record Validity(string Names, DateTimeOffset NotAfter, DateTimeOffset SoonFrom)
    {
        internal static Validity Unlimited { get; } = new("", DateTimeOffset.MaxValue, DateTimeOffset.MaxValue);
    }
}
