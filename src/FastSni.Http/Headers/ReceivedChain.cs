using System.Net;
using System.Net.Sockets;
using FastSni.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace FastSni.Http;

/// <summary>What a trusted proxy says about whom it speaks for: of X-Forwarded-*, or without X-Forwarded-For, of Forwarded.</summary>
internal sealed class ReceivedChain
{
    // A proxy adds to what a client has begun; what is farther away than this is nobody's real address.
    private const int AddressesMax = 64;

    private readonly List<IpEndpoint> _addresses = [];

    /// <summary>
    /// The nearest proxy's client comes last. The list begins behind the nearest entry that is no address: nobody who can be trusted has said what stands
    /// before it.
    /// </summary>
    internal IReadOnlyList<IpEndpoint> Addresses => _addresses;

    /// <summary>In lower case. As received, like <see cref="Host"/> and <see cref="Port"/>: null, or anything at all.</summary>
    internal string? Proto { get; private set; }

    internal string? Host { get; private set; }

    internal string? Port { get; private set; }

    internal static ReceivedChain Of(IHeaderDictionary headers)
    {
        var chain = new ReceivedChain();
        StringValues list = headers["X-Forwarded-For"];
        if (list.Count > 0)
            chain.ReadAddresses(list);
        else
            chain.ReadForwarded(headers["Forwarded"]);
        chain.Proto = (LastOf(headers["X-Forwarded-Proto"]) ?? chain.Proto)?.ToLowerInvariant();
        chain.Host = LastOf(headers["X-Forwarded-Host"]) ?? chain.Host;
        chain.Port = LastOf(headers["X-Forwarded-Port"]);
        return chain;
    }

    private void ReadAddresses(StringValues list)
    {
        foreach (string? line in list)
        {
            foreach (Range part in line.AsSpan().Split(','))
                Add(line.AsSpan()[part].Trim(" \t"));
        }
    }

    private void ReadForwarded(StringValues list)
    {
        foreach (string? line in list)
        {
            var reader = new ForwardedReader(line);
            while (reader.TryReadElement())
            {
                // An element without an address breaks the chain as an unreadable one does.
                Add(reader.For ?? "unknown");
                (Proto, Host) = (reader.Proto, reader.Host);
            }
        }
    }

    private void Add(ReadOnlySpan<char> entry)
    {
        if (entry.IsEmpty)
            return;     // RFC 9110 section 5.6.1.2: an empty element counts for nothing.
        if (!TryParse(entry, out IpEndpoint address))
        {
            _addresses.Clear();
            return;
        }
        if (_addresses.Count == AddressesMax)
            _addresses.RemoveAt(0);
        _addresses.Add(address);
    }

    // `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`; the port says nothing here.
    private static bool TryParse(ReadOnlySpan<char> text, out IpEndpoint address)
    {
        address = default;
        if (text[0] == '[')
        {
            int end = text.IndexOf(']');
            if (end < 0 || text[(end + 1)..] is not "" and not [':', ..])
                return false;
            text = text[1..end];
        }
        else if (text.Count(':') == 1)
            text = text[..text.IndexOf(':')];
        // The platform also reads `1`, `0x7f.1`, `[::1]` and `fe80::1%eth0`.
        if (text.ContainsAny("%[]") || !IPAddress.TryParse(text, out IPAddress? parsed))
            return false;
        if (parsed.AddressFamily == AddressFamily.InterNetwork && !text.SequenceEqual(parsed.ToString()))
            return false;
        address = IpEndpoint.Create(parsed, 0);
        return true;
    }

    // Where a proxy has added to a list, its own word is the last.
    private static string? LastOf(StringValues list)
    {
        if (list.Count == 0)
            return null;
        ReadOnlySpan<char> line = list[^1];
        return line[(line.LastIndexOf(',') + 1)..].Trim(" \t").ToString();
    }
}
