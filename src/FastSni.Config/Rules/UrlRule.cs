using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>A server and what it speaks.</summary>
internal sealed record UrlServer(HttpScheme Scheme, ServerAddress Address);

/// <summary>An HTTP backend: `http://host:port`, `https://[v6]:port`, `h2c://host`, or `unix:/path` for plain HTTP over a unix socket.</summary>
internal sealed class UrlRule : Rule<UrlServer>
{
    private const string Separator = "://";
    private const string Forms = "http://192.168.99.20:8080, https://host, h2c://[2001:db8::1]:8080 or unix:/path";

    private static readonly (string Prefix, HttpScheme Scheme, int Port)[] Schemes =
        [("http://", HttpScheme.Http, 80), ("https://", HttpScheme.Https, 443), ("h2c://", HttpScheme.H2c, 80)];

    public override bool TryRead(string text, List<string> problems, out UrlServer value)
    {
        value = new(HttpScheme.Http, new(ServerKind.Ip, text, "", null));
        if (text.StartsWith(ServerRule.UnixPrefix, StringComparison.OrdinalIgnoreCase))
        {
            bool isRead = ServerRule.TryReadUnix(text, problems, out ServerAddress unix);
            value = new(HttpScheme.Http, unix);
            return isRead;
        }
        (string prefix, HttpScheme scheme, int port) =
            Schemes.FirstOrDefault(known => text.StartsWith(known.Prefix, StringComparison.OrdinalIgnoreCase));
        if (prefix is null)
        {
            return Fail(problems, text.Contains(Separator, StringComparison.Ordinal)
                ? $"{Quote.Of(text)}: this is spoken to no backend: write {Forms}"
                : $"{Quote.Of(text)} does not say what it speaks: write http://{Quote.Short(text)}, https://{Quote.Short(text)} or h2c://{Quote.Short(text)}");
        }
        string rest = text[prefix.Length..];
        int end = rest.AsSpan().IndexOfAny('/', '?', '#');
        if (end >= 0)
            return Fail(problems, $"{Quote.Of(text)}: a backend has no path, requests keep their own: write {prefix}{Quote.Short(rest[..end])}");
        ServerAddress address = value.Address;
        if (!new HostPort(prefix, Forms).TryRead(rest, problems, ref address))
            return false;
        value = new(scheme, address.Port is null ? address with { Text = $"{address.Text}:{port}", Port = port } : address);
        return true;
    }
}
