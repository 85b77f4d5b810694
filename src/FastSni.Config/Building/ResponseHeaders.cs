using System.Collections.Immutable;
using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>The `header.NAME` keys of an offload section.</summary>
internal static class ResponseHeaders
{
    private const string Framing = "it says how a message is sent, which is the gateway's own business: remove this key";

    // RFC 9110 sections 7.6.1 and 7.8, RFC 9112 sections 6 and 7.
    private static readonly Dictionary<string, string> Refused = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Content-Length"] = Framing,
        ["Transfer-Encoding"] = Framing,
        ["Connection"] = Framing,
        ["Keep-Alive"] = Framing,
        ["Proxy-Connection"] = Framing,
        ["TE"] = Framing,
        ["Trailer"] = Framing,
        ["Upgrade"] = Framing,
        ["Strict-Transport-Security"] = "write hsts = 90d instead",
    };

    public static ImmutableArray<KeyValuePair<string, string>> Read(IniSection section, Findings findings)
    {
        List<KeyValuePair<string, string>> headers = [];
        foreach (IniEntry entry in section.Entries.Where(entry => entry.Key == OffloadKeys.Header))
        {
            string name = entry.Written[(entry.Written.IndexOf('.', StringComparison.Ordinal) + 1)..];
            if (Refused.TryGetValue(name, out string? sentence))
                findings.Error(entry.Place, section.Title, entry.Written, sentence);
            else if (OffloadKeys.Header.TryRead(entry.Value, out string? value))
                headers.Add(new(name, value));
        }
        return [.. headers];
    }
}
