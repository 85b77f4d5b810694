using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>A file that a key names.</summary>
/// <param name="File">Absolute.</param>
internal sealed record FileUse(IniSection Section, Key Key, string File);

/// <summary>
/// Looks into the PEM files that sections name, so that `check` and a reload say what the offload room would stumble over. Nothing of
/// them is kept but the names in a certificate.
/// </summary>
internal sealed class CertificateFiles(Findings findings, DateTimeOffset now)
{
    private readonly Dictionary<(string Certificate, string Key), CertificateNames?> _pairs = [];
    private readonly HashSet<string> _cas = [];

    /// <summary>Checks a chain and its key, once for all sections that name them.</summary>
    /// <returns>null where something is wrong, which has been reported.</returns>
    public CertificateNames? CheckPair(FileUse certificate, FileUse key)
    {
        if (!_pairs.TryGetValue((certificate.File, key.File), out CertificateNames? names))
            _pairs.Add((certificate.File, key.File), names = CheckNewPair(certificate, key));
        return names;
    }

    public void CheckCa(FileUse use)
    {
        if (_cas.Add(use.File) && Read(use) is { } pem)
            Import(use, pem).ToList().ForEach(certificate => certificate.Dispose());
    }

    private CertificateNames? CheckNewPair(FileUse certificate, FileUse key)
    {
        string? chainPem = Read(certificate);
        string? keyPem = Read(key);
        if (chainPem is null || Import(certificate, chainPem) is not [{ } leaf, ..] chain)
            return null;
        try
        {
            if (keyPem is null || !IsKeyOf(chainPem, keyPem, certificate.File, key))
                return null;
            CheckTimes(certificate, leaf);
            return CertificateNames.Of(leaf);
        }
        finally
        {
            chain.ToList().ForEach(one => one.Dispose());
        }
    }

    private bool IsKeyOf(string chainPem, string keyPem, string certificateFile, FileUse key)
    {
        if (keyPem.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal) || keyPem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
            return Fail(key, "the key is encrypted, and nobody is there to type its passphrase: write it out with `openssl pkey`");
        if (!keyPem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            return Fail(key, "there is no private key in it: write a PEM file such as certbot's privkey.pem");
        try
        {
            X509Certificate2.CreateFromPem(chainPem, keyPem).Dispose();
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return Fail(key, exception is ArgumentException || exception.InnerException is ArgumentException
                ? $"it is not the key of {certificateFile}: write the one that the certificate was asked for with"
                : $"it holds no key that can be read for {certificateFile}: RSA and ECDSA keys in PEM form are understood");
        }
    }

    private void CheckTimes(FileUse use, X509Certificate2 leaf)
    {
        (DateTimeOffset begin, DateTimeOffset end) = (new(leaf.NotBefore), new(leaf.NotAfter));
        if (end < now)
            findings.Warn(use.Section, use.Key, $"{use.File} expired on {end:yyyy-MM-dd}: clients refuse it until it is renewed");
        else if (begin > now)
            findings.Warn(use.Section, use.Key, $"{use.File} is not valid before {begin:yyyy-MM-dd}: clients refuse it until then; is the clock right?");
    }

    /// <summary>Every certificate in the text; empty where there is none, or a broken one.</summary>
    private X509Certificate2Collection Import(FileUse use, string pem)
    {
        X509Certificate2Collection certificates = [];
        try
        {
            certificates.ImportFromPem(pem);
            if (certificates.Count == 0)
                Fail(use, "there is no certificate in it: write a PEM file such as certbot's fullchain.pem");
            return certificates;
        }
        catch (CryptographicException)
        {
            Fail(use, "a certificate in it is broken: copy the file again, or renew it");
            return [];
        }
    }

    private string? Read(FileUse use)
    {
        try
        {
            using FileStream stream = InputFile.Open(use.File);
            byte[] bytes = new byte[PemFile.BytesMax + 1];
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length <= PemFile.BytesMax)
                return Encoding.ASCII.GetString(bytes, 0, length);
            Fail(use, $"it is larger than {PemFile.BytesMax >> 20} MiB: this is no such PEM file");
        }
        catch (Exception exception) when (InputFile.IsExpected(exception))
        {
            Fail(use, InputFile.Describe(exception, use.File));
        }
        return null;
    }

    private bool Fail(FileUse use, string sentence)
    {
        findings.Error(use.Section, use.Key, $"{use.File}: {sentence}");
        return false;
    }
}
