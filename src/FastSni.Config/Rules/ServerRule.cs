using System.Net;
using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>A backend server: `host`, `host:port`, `192.0.2.1:443`, `[2001:db8::1]:443` or `unix:/path`.</summary>
internal sealed class ServerRule : Rule<ServerAddress>
{
    public const string UnixPrefix = "unix:";
    private static readonly HostPort HostPort = new("", "host:port, 192.0.2.1:443, [2001:db8::1]:443 or unix:/path");
    private static readonly PathRule SocketPath = new() { BytesMax = PathRule.SocketBytesMax };

    public override bool TryRead(string text, List<string> problems, out ServerAddress value)
    {
        value = new(ServerKind.Ip, text, "", null);
        if (text.Contains("://", StringComparison.Ordinal))
            return Fail(problems, $"{Quote.Of(text)} is a URL: a passthrough backend is host:port, such as 192.168.99.11:443");
        return text.StartsWith(UnixPrefix, StringComparison.OrdinalIgnoreCase)
            ? TryReadUnix(text, problems, out value)
            : HostPort.TryRead(text, problems, ref value);
    }

    /// <param name="text">Begins with <see cref="UnixPrefix"/>.</param>
    public static bool TryReadUnix(string text, List<string> problems, out ServerAddress value)
    {
        value = new(ServerKind.Unix, text, text[UnixPrefix.Length..], null);
        return SocketPath.TryRead(value.Host, problems, out _);
    }
}

/// <summary>A host and perhaps a port, as they stand alone or behind a URL's scheme.</summary>
/// <param name="scheme">For messages: empty, or `https://`.</param>
/// <param name="forms">What may be written, for messages.</param>
internal sealed class HostPort(string scheme, string forms)
{
    /// <param name="value">Of an Ip or HostName server; its text is the one read.</param>
    public bool TryRead(string text, List<string> problems, ref ServerAddress value)
    {
        if (Addresses.TryParse(text, out IPAddress bare) && text.Contains(':', StringComparison.Ordinal))
            return Fail(problems, $"an IPv6 address stands in brackets: write {scheme}[{bare}] or {scheme}[{bare}]:443");

        int colon = text.LastIndexOf(':');
        bool hasPort = colon >= 0 && !text.EndsWith(']');
        string host = hasPort ? text[..colon] : text;
        int port = 0;
        if (hasPort && !Addresses.TryParsePort(text[(colon + 1)..], out port))
            return Fail(problems, $"{Quote.Of(scheme + text)}: a port is 1 to {Addresses.PortMax}");
        return TryReadHost(text, host, hasPort ? port : null, problems, ref value);
    }

    private bool TryReadHost(string text, string host, int? port, List<string> problems, ref ServerAddress value)
    {
        if (host.Contains(':', StringComparison.Ordinal) || host.All(c => char.IsAsciiDigit(c) || c == '.'))
        {
            if (!Addresses.TryParseHost(host, out IPAddress address))
                return Fail(problems, $"{Quote.Of(scheme + text)} is not an address: write {forms}");
            if (Addresses.IsNoHost(address))
                return Fail(problems, $"{Quote.Of(scheme + text)} is not the address of one server: write {forms}");
            value = new(ServerKind.Ip, text, address.ToString(), port);
            return true;
        }
        if (!HostName.TryParse(host, out string name, out string problem))
            return Fail(problems, $"{Quote.Of(scheme + text)}: {problem}; write {forms}");
        // The dot matters to the resolver: with it, no search domain of resolv.conf is appended.
        value = new(ServerKind.HostName, text, host.EndsWith('.') ? name + "." : name, port);
        return true;
    }

    private static bool Fail(List<string> problems, string sentence)
    {
        problems.Add(sentence);
        return false;
    }
}
