using Microsoft.Extensions.Primitives;

namespace FastSni.Http;

/// <summary>What both directions ask of a header's name. No allocation: these run for every header of every message.</summary>
internal static class HeaderName
{
    /// <summary>True for a header of one connection (RFC 9110 section 7.6.1), for what only proxies say to each other, and for a pseudo header.</summary>
    /// <remarks>Trailer is among them: it may always be left out (section 6.6.2), and left in it would announce what a leg may not be able to pass.</remarks>
    internal static bool IsHopByHop(string name) => FirstLetter(name) switch
    {
        ':' => true,
        'c' => Is(name, "connection"),
        'h' => Is(name, "http2-settings"),
        'k' => Is(name, "keep-alive"),
        'p' => Is(name, "proxy-connection") || Is(name, "proxy-authorization") || Is(name, "proxy-authenticate") || Is(name, "proxy-authentication-info"),
        't' => Is(name, "te") || Is(name, "trailer") || Is(name, "transfer-encoding"),
        'u' => Is(name, "upgrade"),
        _ => false,
    };

    /// <summary>The first letter in lower case; ':' for a name that is empty, which is no name either.</summary>
    internal static char FirstLetter(string name) => name.Length == 0 ? ':' : Folded(name[0]);

    /// <summary>Compares as CGI does: without case, and with `_` for `-`.</summary>
    /// <param name="known">In lower case.</param>
    internal static bool Is(string name, string known) => name.Length == known.Length && BeginsWith(name, known);

    /// <param name="known">In lower case.</param>
    internal static bool BeginsWith(string name, string known)
    {
        if (name.Length < known.Length)
            return false;
        for (int i = 0; i < known.Length; i++)
        {
            if (Folded(name[i]) != known[i])
                return false;
        }
        return true;
    }

    /// <summary>Whether a list of tokens (RFC 9110 section 5.6.1) has this one, in any case.</summary>
    internal static bool IsInList(StringValues list, string token)
    {
        for (int i = 0; i < list.Count; i++)
        {
            ReadOnlySpan<char> line = list[i];
            foreach (Range part in line.Split(','))
            {
                if (line[part].Trim(" \t").Equals(token, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }
        return false;
    }

    private static char Folded(char character) => character == '_' ? '-' : char.IsAsciiLetterUpper(character) ? (char)(character | 0x20) : character;
}
