using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastSni.Config;

namespace FastSni.Http;

/// <summary>A request's host and port, read strictly (RFC 9110 7.2): whatever a backend might read in another way is no host.</summary>
/// <param name="Name">In canonical form, as <see cref="Exchange.Host"/>.</param>
/// <param name="Port">null = none was given.</param>
internal readonly record struct HostHeader(string Name, int? Port)
{
    /// <summary>Name and port together; more is nobody's.</summary>
    public const int BytesMax = 255;

    private const int PortDigitsMax = 5;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    private static readonly SearchValues<char> Ipv6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <param name="text">`example.org`, `Example.org.:8443`, `192.0.2.1` or `[2001:db8::1]:80`: no userinfo, no escapes, no blanks, no lists.</param>
    public static bool TryParse(string text, out HostHeader host)
    {
        host = default;
        if (text.Length is 0 or > BytesMax)
            return false;
        bool isBracketed = text[0] == '[';
        int nameLength = isBracketed ? text.IndexOf(']', StringComparison.Ordinal) + 1 : text.IndexOf(':', StringComparison.Ordinal);
        if (nameLength < 0)
            nameLength = text.Length;
        if (!TryReadPort(text.AsSpan(nameLength), out int? port))
            return false;
        string name = text[..nameLength];
        if (!(isBracketed ? TryReadIpv6(name, out name) : TryReadName(name, out name)))
            return false;
        host = new HostHeader(name, port);
        return true;
    }

    /// <param name="text">Empty, or what begins with the colon. The port may be missing behind it (RFC 3986 3.2.3).</param>
    private static bool TryReadPort(ReadOnlySpan<char> text, out int? port)
    {
        port = null;
        if (text.Length <= 1)
            return text is "" or ":";
        ReadOnlySpan<char> digits = text[1..];
        if (text[0] != ':' || digits.Length > PortDigitsMax || digits.ContainsAnyExceptInRange('0', '9'))
            return false;
        port = int.Parse(digits, CultureInfo.InvariantCulture);
        return port <= ushort.MaxValue;
    }

    private static bool TryReadIpv6(string text, out string name)
    {
        name = text;
        if (text.Length <= 2 || text.AsSpan(1, text.Length - 2).ContainsAnyExcept(Ipv6Characters)
            || !IPAddress.TryParse(text.AsSpan(1, text.Length - 2), out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            return false;
        name = $"[{address}]";
        return true;
    }

    private static bool TryReadName(string text, out string name)
    {
        name = text.EndsWith('.') ? text[..^1] : text;
        if (name.Length is 0 or > HostName.BytesMax || name.AsSpan().ContainsAnyExcept(NameCharacters))
            return false;
        Range last = default;
        foreach (Range label in name.AsSpan().Split('.'))
        {
            if (label.End.Value - label.Start.Value is 0 or > HostName.LabelBytesMax)
                return false;
            last = label;
        }
        if (!name.AsSpan(last).ContainsAnyExceptInRange('0', '9'))
            return IsIpv4(name);
        if (name.AsSpan().ContainsAnyInRange('A', 'Z'))
            name = name.ToLowerInvariant();
        return true;
    }

    /// <summary>Four decimal numbers. Octal, hexadecimal and shortened forms are read differently by different programs.</summary>
    private static bool IsIpv4(string text) => IPAddress.TryParse(text, out IPAddress? address) && address.ToString() == text;
}
