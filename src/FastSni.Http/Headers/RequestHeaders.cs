using Microsoft.Extensions.Primitives;

namespace FastSni.Http;

/// <summary>Which of a client's headers a backend gets to see.</summary>
internal static class RequestHeaders
{
    /// <summary>
    /// False for what ends here: headers of the client's connection, what a leg writes itself, and every header in which proxies tell a client's address,
    /// however it is spelled: a backend that folds `_` to `-` must not be told a client's invention.
    /// </summary>
    internal static bool PassesOn(string name) => !HeaderName.IsHopByHop(name) && HeaderName.FirstLetter(name) switch
    {
        'c' => !HeaderName.Is(name, "content-length") && !HeaderName.Is(name, "client-ip") && !HeaderName.Is(name, "cf-connecting-ip"),
        'e' => !HeaderName.Is(name, "expect"),
        'f' => !HeaderName.Is(name, "forwarded") && !HeaderName.Is(name, "fastly-client-ip"),
        'h' => !HeaderName.Is(name, "host"),
        // CGI would make the variable HTTP_PROXY of it, which many HTTP clients obey (CVE-2016-5385).
        'p' => !HeaderName.Is(name, "proxy"),
        't' => !HeaderName.Is(name, "true-client-ip"),
        'x' => !HeaderName.BeginsWith(name, "x-forwarded-") && !HeaderName.Is(name, "x-real-ip") && !HeaderName.Is(name, "x-client-ip")
            && !HeaderName.Is(name, "x-cluster-client-ip") && !HeaderName.Is(name, "x-original-forwarded-for") && !HeaderName.Is(name, "x-remote-addr"),
        _ => true,
    };

    /// <summary>The message's Connection header says that this header is of the connection alone (RFC 9110 section 7.6.1). For requests and responses.</summary>
    internal static bool IsNamedIn(StringValues connection, string name) => connection.Count > 0 && HeaderName.IsInList(connection, name);
}
