using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using FastSni.Config;
using Microsoft.Win32.SafeHandles;

namespace FastSni.Offload;

/// <summary>
/// The bytes of an identity's files at one look. Files are compared by what they hold: that follows symbolic links of any kind, and what was compared
/// is what is then parsed.
/// </summary>
internal readonly struct SiteFiles
{
    private readonly byte[] _certificate, _key, _clientCa;

    private SiteFiles(byte[] certificate, byte[] key, byte[] clientCa) => (_certificate, _key, _clientCa) = (certificate, key, clientCa);

    internal string Certificate => Encoding.UTF8.GetString(_certificate);
    internal string Key => Encoding.UTF8.GetString(_key);
    internal string ClientCa => Encoding.UTF8.GetString(_clientCa);

    /// <summary>Equal for equal contents.</summary>
    internal string Digest => string.Concat(
        Convert.ToHexString(SHA256.HashData(_certificate)), Convert.ToHexString(SHA256.HashData(_key)), Convert.ToHexString(SHA256.HashData(_clientCa)));

    /// <param name="error">For the log: which file, and why.</param>
    internal static bool TryRead(TlsIdentity identity, out SiteFiles files, [NotNullWhen(false)] out string? error)
    {
        files = default;
        string? path = null;
        try
        {
            byte[] certificate = Read(path = identity.Certificate);
            byte[] clientCa = Read(path = identity.ClientCa);
            byte[] key = Read(path = identity.CertificateKey);
            (files, error) = (new(certificate, key, clientCa), null);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            error = $"{path}: permission denied: the service user must be able to read it";
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            error = $"{path}: no such file";
        }
        catch (IOException failure)
        {
            error = $"{path}: {failure.Message}";
        }
        return false;
    }

    private static byte[] Read(string? path)
    {
        if (path is null)
            return [];
        // No lock: whoever renews the file may write at any time.
        using SafeFileHandle file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        long length = RandomAccess.GetLength(file);
        if (length > PemFile.BytesMax)
            throw new IOException($"it has {length} bytes; at most {PemFile.BytesMax} are read");
        var bytes = new byte[length];
        int filled = 0, read;
        while (filled < bytes.Length && (read = RandomAccess.Read(file, bytes.AsSpan(filled), filled)) > 0)
            filled += read;
        // Shorter when the file was cut at this moment: the next look finds the rest.
        return filled == bytes.Length ? bytes : bytes[..filled];
    }
}
