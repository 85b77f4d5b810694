namespace FastSni.Http;

/// <summary>Which response headers go on to the client.</summary>
internal static class ResponseHeaders
{
    private static readonly HashSet<string> Dropped = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "TE", "Trailer", "Transfer-Encoding", "Content-Length", "Upgrade",
    };

    /// <summary>False for hop-by-hop headers, and for those that frame the body.</summary>
    internal static bool PassesOn(string name) => !Dropped.Contains(name);
}
