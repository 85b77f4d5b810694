using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>TLS towards https backends, as each route wants it. A CA file is read at a route's first request, and again after a reload, which makes new routes.</summary>
internal sealed class UpstreamTrust(ILogger log)
{
    private readonly ConditionalWeakTable<HttpRoute, Lazy<UpstreamTls?>> _known = [];

    /// <summary>null: the route's CA file can't be used, which was said.</summary>
    internal UpstreamTls? Of(HttpRoute route) => _known.GetValue(route, key => new Lazy<UpstreamTls?>(() => Read(key))).Value;

    private UpstreamTls? Read(HttpRoute route)
    {
        string reason;
        try
        {
            return new UpstreamTls(route.Options.Verification);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            reason = "can't be read";
        }
        catch (CryptographicException)
        {
            reason = "holds no certificate";
        }
        UpstreamLog.NoTrust(log, route.Label, route.Options.Verification.CaFile ?? "", reason);
        return null;
    }
}
