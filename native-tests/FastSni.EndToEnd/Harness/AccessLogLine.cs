using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FastSni.EndToEnd.Harness;

/// <summary>One session's line of the access log's text form.</summary>
/// <param name="Name">The server name's bytes, one char each, unescaped.</param>
/// <param name="Connect">null where no backend was reached.</param>
internal sealed partial record AccessLogLine(
    DateTimeOffset Time,
    string Listener,
    string Client,
    string Name,
    string Alpn,
    string Route,
    string Backend,
    long Up,
    long Down,
    TimeSpan? Connect,
    TimeSpan Duration,
    string End)
{
    /// <summary>The whole closed list.</summary>
    public static readonly string[] Ends =
    [
        "complete", "client-reset", "backend-reset", "client-silent", "idle",
        "hello-timeout", "hello-too-large", "hello-malformed", "not-tls", "no-name", "unknown-name",
        "handed-off", "banned", "client-limit", "connection-limit", "proxy-header",
        "connect-refused", "connect-timeout", "no-backend", "handoff-full", "closed-by-operator", "drained", "error",
    ];

    public static AccessLogLine Parse(string line)
    {
        Match match = Form().Match(line);
        Assert.True(match.Success, $"not the documented form: {line}");
        string Part(string name) => match.Groups[name].Value;
        AccessLogLine parsed = new(
            DateTimeOffset.ParseExact(Part("time"), "yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture),
            Part("listener"),
            Part("client"),
            Unescape(Part("name")),
            Unescape(Part("alpn")),
            Part("route"),
            Part("backend"),
            long.Parse(Part("up"), CultureInfo.InvariantCulture),
            long.Parse(Part("down"), CultureInfo.InvariantCulture),
            Part("connect") == "-" ? null : ParseDuration(Part("connect")),
            ParseDuration(Part("duration")),
            Part("end"));
        Assert.Contains(parsed.End, Ends);
        return parsed;
    }

    internal static TimeSpan ParseDuration(string text) => text.EndsWith("ms", StringComparison.Ordinal)
        ? TimeSpan.FromMilliseconds(double.Parse(text[..^2], CultureInfo.InvariantCulture))
        : TimeSpan.FromSeconds(double.Parse(text[..^1], CultureInfo.InvariantCulture));

    internal static string Unescape(string text)
    {
        StringBuilder plain = new();
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\')
            {
                plain.Append(text[at]);
                continue;
            }
            at++;
            plain.Append(text[at] switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => '…',
                'x' => (char)int.Parse(text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                char other => other,
            });
            at += text[at] switch { 'x' => 2, 'u' => 4, _ => 0 };
        }
        return plain.ToString();
    }

    // Between quotes: printable ASCII alone, a quote and a backslash escaped with a backslash, everything else as \n \r \t or \xHH; \u2026 marks a cut.
    internal const string Quoted = """(?:[\x20-\x21\x23-\x5B\x5D-\x7E]|\\["\\nrt]|\\x[0-9a-fA-F]{2}|\\u2026)*""";

    [GeneratedRegex("""^(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d) session """
        + """listener=(?<listener>[^\s"]+) client=(?<client>(?:[0-9.]+|\[[0-9a-f:.]+\]):\d+) """
        + "name=\"(?<name>" + Quoted + ")\" alpn=\"(?<alpn>" + Quoted + ")\" "
        + """route=(?<route>[^\s"]+) backend=(?<backend>[^\s"]+) up=(?<up>\d+) down=(?<down>\d+) """
        + """connect=(?<connect>-|\d+(?:\.\d+)?m?s) duration=(?<duration>\d+(?:\.\d+)?m?s) end=(?<end>[a-z-]+)$""")]
    private static partial Regex Form();
}
