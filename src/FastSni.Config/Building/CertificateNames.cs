using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FastSni.Config.Building;

/// <summary>The DNS names of a certificate (RFC 5280 section 4.2.1.6), compared as clients do (RFC 9525 section 6.3).</summary>
internal sealed class CertificateNames
{
    private readonly HashSet<string> _names;

    private CertificateNames(IEnumerable<string> names) => _names = new(names, StringComparer.OrdinalIgnoreCase);

    public static CertificateNames Of(X509Certificate2 certificate)
    {
        try
        {
            return new(certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames()));
        }
        catch (CryptographicException)
        {
            return new([]);
        }
    }

    /// <param name="pattern">`www.example.org`, or `*.example.org` for the names one label below it.</param>
    public bool Cover(string pattern)
    {
        int dot = pattern.IndexOf('.', StringComparison.Ordinal);
        return _names.Contains(pattern) || (dot > 0 && _names.Contains("*" + pattern[dot..]));
    }
}
