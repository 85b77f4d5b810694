using System.Text;

namespace FastSni.Http;

/// <summary>What the leg does with a header besides passing it on.</summary>
internal enum HeaderRole { None, Connection, ContentLength, TransferEncoding, Upgrade, WebSocketAccept }

/// <summary>A response header's name: for those that nearly every answer has, one object for the whole process.</summary>
internal sealed class ResponseName
{
    private static readonly string[] Common =
    [
        "Accept-Ranges", "Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin",
        "Access-Control-Expose-Headers", "Age", "Allow", "Alt-Svc", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language",
        "Content-Location", "Content-Range", "Content-Security-Policy", "Content-Type", "Date", "ETag", "Expires", "Keep-Alive", "Last-Modified", "Link",
        "Location", "Pragma", "Referrer-Policy", "Retry-After", "Server", "Set-Cookie", "Strict-Transport-Security", "Trailer", "Vary", "Via",
        "WWW-Authenticate", "X-Content-Type-Options", "X-Frame-Options", "X-Powered-By", "X-Request-Id", "X-XSS-Protection",
    ];

    // What is the same in answer after answer, so that its text is worth keeping.
    private static readonly HashSet<string> Steady =
    [
        "Accept-Ranges", "Access-Control-Allow-Origin", "Cache-Control", "Content-Encoding", "Content-Language", "Content-Security-Policy", "Content-Type",
        "Date", "Referrer-Policy", "Server", "Strict-Transport-Security", "Vary", "X-Content-Type-Options", "X-Frame-Options", "X-Powered-By",
    ];

    private static readonly ResponseName[][] ByLength = BuildTable();

    private ResponseName(string text, HeaderRole role, int place, bool isSteady) =>
        (Text, Role, Place, IsSteady, PassesOn) = (text, role, place, isSteady, ResponseHeaders.PassesOn(text));

    internal string Text { get; }

    internal HeaderRole Role { get; }

    /// <summary>Its place among the known ones; −1 for a name that is not.</summary>
    internal int Place { get; }

    internal bool IsSteady { get; }

    internal bool PassesOn { get; }

    internal static int KnownCount => Common.Length + 5;

    /// <param name="name">A token, in any case.</param>
    internal static ResponseName Of(ReadOnlySpan<byte> name)
    {
        if (name.Length < ByLength.Length)
        {
            foreach (ResponseName known in ByLength[name.Length])
            {
                if ((known.Text[0] | 0x20) == (name[0] | 0x20) && Ascii.EqualsIgnoreCase(name, known.Text))
                    return known;
            }
        }
        return new ResponseName(Encoding.ASCII.GetString(name), HeaderRole.None, -1, false);
    }

    private static ResponseName[][] BuildTable()
    {
        (string Text, HeaderRole Role)[] names =
        [
            .. Common.Select(text => (text, HeaderRole.None)),
            ("Connection", HeaderRole.Connection), ("Content-Length", HeaderRole.ContentLength), ("Transfer-Encoding", HeaderRole.TransferEncoding),
            ("Upgrade", HeaderRole.Upgrade), ("Sec-WebSocket-Accept", HeaderRole.WebSocketAccept),
        ];
        ILookup<int, ResponseName> byLength = names.Select((name, place) => new ResponseName(name.Text, name.Role, place, Steady.Contains(name.Text)))
            .ToLookup(name => name.Text.Length);
        return [.. Enumerable.Range(0, byLength.Max(names => names.Key) + 1).Select(length => byLength[length].ToArray())];
    }
}

/// <summary>The header values that a connection brought last: a server says the same again and again, and need not cost a string each time.</summary>
internal sealed class ValueMemory
{
    private readonly string?[] _last = new string?[ResponseName.KnownCount];

    internal string TextOf(ResponseName name, ReadOnlySpan<byte> value)
    {
        if (!name.IsSteady)
            return Encoding.Latin1.GetString(value);
        ref string? last = ref _last[name.Place];
        if (last is null || last.Length != value.Length || !Ascii.Equals(value, last))
            last = Encoding.Latin1.GetString(value);
        return last;
    }
}
