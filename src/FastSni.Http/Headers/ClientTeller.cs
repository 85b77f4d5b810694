using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;
using FastSni.Handoff;
using FastSni.Wire;
using Microsoft.AspNetCore.Http;

namespace FastSni.Http;

/// <summary>Tells backends of one connection's client, and keeps what is the same for each of its requests.</summary>
internal sealed class ClientTeller
{
    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]");

    private const int HostCharactersMax = 255 + 6;   // A DNS name, a colon and a port.

    private readonly HandedOffClient _client;
    private readonly ImmutableArray<IPNetwork> _trusted;
    private readonly string _address, _port;
    private readonly bool _isTrusted;
    private ForwardedValues _last;

    internal ClientTeller(Exchange exchange)
    {
        _client = exchange.Client;
        _trusted = exchange.Listener.TrustedProxies;
        _address = TextOf(_client.Client);
        _port = _client.Local.Port.ToString(CultureInfo.InvariantCulture);
        _isTrusted = IsTrusted(_client.Client);
    }

    /// <summary>False once the exchange is used for another connection, or a reload has changed who is trusted.</summary>
    internal bool IsOf(Exchange exchange) => ReferenceEquals(_client, exchange.Client) && _trusted == exchange.Listener.TrustedProxies;

    internal ForwardedValues Tell(Exchange exchange)
    {
        string host = UsableHost(exchange), proto = exchange.IsHttps ? "https" : "http";
        if (_isTrusted)
            return Believe(exchange.Request.Headers, host, proto);
        if (_last.Host != host || _last.Proto != proto)
            _last = Values(_address, _address, proto, host, _port);
        return _last;
    }

    private ForwardedValues Believe(IHeaderDictionary headers, string host, string proto)
    {
        ReceivedChain chain = ReceivedChain.Of(headers);
        string ownProto = proto, port = _port;
        if (chain.Proto is "http" or "https")
            proto = chain.Proto;
        if (IsHost(chain.Host))
            host = chain.Host;
        if (int.TryParse(chain.Port, NumberStyles.None, CultureInfo.InvariantCulture, out int given) && given is > 0 and <= ushort.MaxValue)
            port = given.ToString(CultureInfo.InvariantCulture);
        else if (proto != ownProto)
            port = proto == "https" ? "443" : "80";     // Ours is the one between the proxy and us.
        return Values(TextOf(RealClient(chain)), string.Join(", ", chain.Addresses.Select(TextOf).Append(_address)), proto, host, port);
    }

    /// <summary>The nearest address that is not trusted, since only trusted ones tell the truth about who came to them.</summary>
    private IpEndpoint RealClient(ReceivedChain chain)
    {
        IpEndpoint nearest = _client.Client;
        for (int i = chain.Addresses.Count - 1; i >= 0; i--)
        {
            nearest = chain.Addresses[i];
            if (!IsTrusted(nearest))
                break;
        }
        return nearest;
    }

    private bool IsTrusted(IpEndpoint endpoint)
    {
        if (_trusted.IsDefaultOrEmpty || endpoint.IsNone)
            return false;
        IPAddress address = endpoint.ToIPAddress();
        foreach (IPNetwork network in _trusted)
        {
            if (network.Contains(address))
                return true;
        }
        return false;
    }

    private static ForwardedValues Values(string realIp, string list, string proto, string host, string port)
    {
        // RFC 7239 section 4: what is no token is quoted. A usable host has nothing in it that a quoted string would have to escape.
        string node = realIp.Contains(':', StringComparison.Ordinal) ? $"\"[{realIp}]\"" : realIp;
        string named = host.Length == 0 ? "" : host.AsSpan().ContainsAny(":[]") ? $"host=\"{host}\";" : $"host={host};";
        return new(realIp, list, proto, host, port, $"for={node};{named}proto={proto}");
    }

    // The handlers have refused what is no host; a value that slipped through must still not be able to end a quoted string.
    private static string UsableHost(Exchange exchange)
    {
        string host = exchange.Request.Headers.Host.ToString();
        return IsHost(host) ? host : IsHost(exchange.Host) ? exchange.Host : "";
    }

    private static bool IsHost([NotNullWhen(true)] string? host) => host is { Length: > 0 and <= HostCharactersMax } && !host.AsSpan().ContainsAnyExcept(HostCharacters);

    private static string TextOf(IpEndpoint endpoint)
    {
        Span<byte> text = stackalloc byte[IpEndpoint.TextBytesMax];
        endpoint.TryFormatAddress(text, out int written);
        return Encoding.ASCII.GetString(text[..written]);
    }
}
