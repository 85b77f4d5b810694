using System.Net;
using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>A backend server: `host`, `host:port`, `192.0.2.1:443`, `[2001:db8::1]:443` or `unix:/path`.</summary>
internal sealed class ServerRule : Rule<ServerAddress>
{
    private const string UnixPrefix = "unix:";
    private const string Remedy = "write host:port, 192.0.2.1:443, [2001:db8::1]:443 or unix:/path";
    private static readonly PathRule SocketPath = new() { BytesMax = PathRule.SocketBytesMax };

    public override bool TryRead(string text, List<string> problems, out ServerAddress value)
    {
        value = new(ServerKind.Ip, text, "", null);
        if (text.Contains("://", StringComparison.Ordinal))
            return Fail(problems, $"{Quote.Of(text)} is a URL: a passthrough backend is host:port, such as 192.168.99.11:443");
        if (text.StartsWith(UnixPrefix, StringComparison.OrdinalIgnoreCase))
        {
            value = new(ServerKind.Unix, text, text[UnixPrefix.Length..], null);
            return SocketPath.TryRead(value.Host, problems, out _);
        }
        if (Addresses.TryParse(text, out IPAddress bare) && text.Contains(':', StringComparison.Ordinal))
            return Fail(problems, $"an IPv6 address stands in brackets: write [{bare}] or [{bare}]:443");

        int colon = text.LastIndexOf(':');
        bool hasPort = colon >= 0 && !text.EndsWith(']');
        string host = hasPort ? text[..colon] : text;
        int port = 0;
        if (hasPort && !Addresses.TryParsePort(text[(colon + 1)..], out port))
            return Fail(problems, $"{Quote.Of(text)}: a port is 1 to {Addresses.PortMax}");
        return TryReadHost(text, host, hasPort ? port : null, problems, ref value);
    }

    private static bool TryReadHost(string text, string host, int? port, List<string> problems, ref ServerAddress value)
    {
        if (host.Contains(':', StringComparison.Ordinal) || host.All(c => char.IsAsciiDigit(c) || c == '.'))
        {
            if (!Addresses.TryParseHost(host, out IPAddress address))
                return Fail(problems, $"{Quote.Of(text)} is not an address: {Remedy}");
            if (Addresses.IsNoHost(address))
                return Fail(problems, $"{Quote.Of(text)} is not the address of one server: {Remedy}");
            value = new(ServerKind.Ip, text, address.ToString(), port);
            return true;
        }
        if (!HostName.TryParse(host, out string name, out string problem))
            return Fail(problems, $"{Quote.Of(text)}: {problem}; {Remedy}");
        // The dot matters to the resolver: with it, no search domain of resolv.conf is appended.
        value = new(ServerKind.HostName, text, host.EndsWith('.') ? name + "." : name, port);
        return true;
    }
}
