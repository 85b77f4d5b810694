using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FastSni.Config;
using Microsoft.Extensions.Logging;

namespace FastSni.Offload;

/// <summary>
/// The certificates of all sites, ready for handshakes. A timer looks for changed files, so that a renewal needs no reload; handshakes read what is
/// published and wait for nobody.
/// </summary>
public sealed class CertificateStore : IDisposable
{
    private readonly Lock _looking = new(), _making = new();
    private readonly Lazy<X509Certificate2> _selfSigned;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _lookInterval;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private volatile Generation? _generation;

    /// <param name="lookInterval">From one look at the files to the next.</param>
    public CertificateStore(TimeProvider clock, TimeSpan lookInterval, ILogger log)
    {
        (_clock, _lookInterval, _log) = (clock, lookInterval, log);
        _selfSigned = new(() => SelfSignedCertificate.Create(clock.GetUtcNow()));
        _timer = clock.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// At start and by a reload: what is known already stays, new files are read at once. A certificate that can't be used is logged; its clients are
    /// refused until a later look finds it mended.
    /// </summary>
    /// <param name="defaultIdentity">For clients without a section.</param>
    public void Load(IEnumerable<TlsIdentity> identities, TlsIdentity defaultIdentity)
    {
        lock (_looking)
        {
            Dictionary<TlsIdentity, SiteCertificate> before = _generation?.Sites ?? [];
            Dictionary<TlsIdentity, SiteCertificate> sites = identities.Append(defaultIdentity).Distinct().ToDictionary(
                identity => identity, identity => before.GetValueOrDefault(identity) ?? new SiteCertificate(identity, _selfSigned, _clock, _log));
            foreach (SiteCertificate site in sites.Values.Where(site => site.HasFiles))
                site.Look(isPatient: false);
            _generation = new(sites, before);
            bool hasFiles = sites.Keys.Any(identity => identity != TlsIdentity.SelfSigned);
            TimeSpan interval = hasFiles ? _lookInterval : Timeout.InfiniteTimeSpan;
            _timer.Change(interval, interval);
        }
    }

    /// <summary>When the certificates in use end, by identity; those without files, and those that could not be used yet, are left out.</summary>
    public IReadOnlyDictionary<TlsIdentity, DateTimeOffset> Ends() => _generation is not { } generation ? new Dictionary<TlsIdentity, DateTimeOffset>()
        : generation.Sites.Where(site => site.Value.NotAfter is not null).ToDictionary(site => site.Key, site => site.Value.NotAfter!.Value);

    /// <summary>The one object of an identity, since sessions resume by it; null while there is no usable certificate.</summary>
    internal SslServerAuthenticationOptions? OptionsFor(TlsIdentity identity)
    {
        if (_generation is not { } generation)
            return null;
        SiteCertificate? site = generation.Sites.GetValueOrDefault(identity) ?? generation.Before.GetValueOrDefault(identity);
        if (site is { HasFiles: false, Options: null })
            MakeSelfSigned(site);
        return site?.Options;
    }

    // For the first client that is shown it: a gateway that only forwards needs neither the key nor the megabytes of a cryptographic library.
    private void MakeSelfSigned(SiteCertificate site)
    {
        // Not the lock of the looks: one that hangs on a dead file system must not hold up handshakes.
        lock (_making)
        {
            if (site.Options is null)
                site.Look(isPatient: false);
        }
    }

    /// <summary>Looks at all files once.</summary>
    internal void Look()
    {
        // A look that hangs on a dead file system holds up one thread, and no more.
        if (!_looking.TryEnter())
            return;
        try
        {
            if (_generation is not { } generation)
                return;
            foreach (SiteCertificate site in generation.Sites.Values.Where(site => site.HasFiles))
                site.Look(isPatient: true);
        }
        finally
        {
            _looking.Exit();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        try
        {
            Look();
        }
        catch (Exception fault)
        {
            // Thrown on, it would end the process.
            Log.LookFault(_log, fault);
        }
    }

    /// <param name="Before">What the last reload found: a client that was routed by the snapshot before it is still on its way.</param>
    private sealed record Generation(Dictionary<TlsIdentity, SiteCertificate> Sites, Dictionary<TlsIdentity, SiteCertificate> Before);
}
