using System.Buffers;

namespace FastSni.Http;

/// <summary>What a request asks for (RFC 9112 3.2), once it is known to be fit for a backend.</summary>
/// <param name="Text">Origin form: path and query as the client sent them, or `*`.</param>
/// <param name="Authority">Of a target in absolute form; null for the other forms.</param>
/// <param name="RawPath">As sent, without the query; `/` for `*`.</param>
/// <param name="Path">For comparing with sections' paths: see <see cref="RequestPath"/>.</param>
public readonly record struct RequestTarget(string Text, string? Authority, string RawPath, string Path)
{
    // Blanks, controls and bytes beyond ASCII have to be escaped, and a fragment is never sent (RFC 9112 3.2.1).
    private static readonly SearchValues<char> Characters =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Where(code => code != '#')]);

    /// <param name="raw">As in the request line or `:path`.</param>
    /// <param name="isOptions">The method is OPTIONS, which alone may ask for `*`.</param>
    /// <param name="isHttps">The connection's scheme is the only one a target in absolute form may name.</param>
    internal static bool TryParse(string raw, bool isOptions, bool isHttps, out RequestTarget target)
    {
        target = default;
        if (raw.AsSpan().ContainsAnyExcept(Characters))
            return false;
        string? authority = null;
        string scheme = isHttps ? "https://" : "http://";
        if (raw.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            (authority, raw) = Split(raw[scheme.Length..], isOptions);
        if (raw == "*")
        {
            target = new RequestTarget("*", authority, "/", "/");
            return isOptions;
        }
        if (!raw.StartsWith('/'))
            return false;
        int query = raw.IndexOf('?', StringComparison.Ordinal);
        string rawPath = query < 0 ? raw : raw[..query];
        // Some servers take a backslash in a path for a slash. Browsers never send one there, but do in a query.
        if (rawPath.Contains('\\', StringComparison.Ordinal) || !RequestPath.TryRead(rawPath, isLoose: false, out string path))
            return false;
        target = new RequestTarget(raw, authority, rawPath, path);
        return true;
    }

    // OPTIONS without a path asks the server itself (RFC 9112 3.2.4).
    private static (string Authority, string Origin) Split(string text, bool isOptions)
    {
        int end = text.AsSpan().IndexOfAny('/', '?') is >= 0 and int found ? found : text.Length;
        string origin = isOptions && end == text.Length ? "*" : text[end..];
        return (text[..end], origin.StartsWith('/') || origin == "*" ? origin : "/" + origin);
    }
}
