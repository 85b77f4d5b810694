using Microsoft.Extensions.Primitives;

namespace FastSni.Http;

/// <summary>Which request headers go on to a backend.</summary>
internal static class RequestHeaders
{
    private static readonly HashSet<string> Dropped = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "HTTP2-Settings", "Host", "Content-Length", "Expect", "Forwarded", "X-Real-IP",
    };

    /// <summary>False for hop-by-hop headers, for those the leg writes itself, and for everything that tells about forwarding.</summary>
    internal static bool PassesOn(string name) => !Dropped.Contains(name) && !Dropped.Contains(name.Replace('_', '-'))
        && !name.Replace('_', '-').StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase);

    /// <summary>True if the Connection header names it (RFC 9110 7.6.1).</summary>
    internal static bool IsNamedIn(StringValues connection, string name)
    {
        foreach (string? value in connection)
        {
            foreach (Range part in value.AsSpan().Split(','))
            {
                if (value.AsSpan(part).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }
        return false;
    }
}
