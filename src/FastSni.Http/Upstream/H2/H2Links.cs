using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using FastSni.Backends;
using FastSni.Config;
using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>The links in use. One of a server that no configuration names any more goes with the server, once its last connection has been idle.</summary>
internal sealed class H2Links(ILogger log) : IDisposable
{
    private readonly ConditionalWeakTable<Server, ConcurrentDictionary<H2LinkKind, H2Link>> _links = [];

    /// <exception cref="IOException">The CA file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">There is no certificate in it.</exception>
    internal H2Link Of(Server server, HttpBackendOptions options)
    {
        var kind = new H2LinkKind(options.Scheme, options.Verification, options.ServerName);
        ConcurrentDictionary<H2LinkKind, H2Link> links = _links.GetValue(server, static _ => new());
        if (links.TryGetValue(kind, out H2Link? link))
            return link;
        var made = new H2Link(server, kind, log);
        link = links.GetOrAdd(kind, made);
        if (!ReferenceEquals(link, made))
            made.Dispose();
        return link;
    }

    public void Dispose()
    {
        foreach ((Server _, ConcurrentDictionary<H2LinkKind, H2Link> links) in _links)
        {
            foreach (H2Link link in links.Values)
                link.Dispose();
        }
    }
}

/// <summary>What tells connections to the same server apart.</summary>
/// <param name="ServerName">As configured; null = see <see cref="HttpBackendOptions.ServerName"/>.</param>
internal readonly record struct H2LinkKind(HttpScheme Scheme, BackendVerification Verification, string? ServerName);
