using System.Globalization;
using System.Text.RegularExpressions;

namespace FastSni.EndToEnd.Harness;

/// <summary>One request's line of the access log's text form.</summary>
/// <param name="Path">Path and query, one char a byte, unescaped; so are name, host and agent.</param>
/// <param name="Status">null where no answer began.</param>
internal sealed partial record RequestLogLine(
    string Listener,
    string Client,
    string Name,
    string Route,
    string Backend,
    string Method,
    string Host,
    string Path,
    int? Status,
    long Up,
    long Down,
    TimeSpan Duration,
    string Agent)
{
    public static bool IsOne(string line) => line.Split(' ') is [_, "request", ..];

    public static RequestLogLine Parse(string line)
    {
        Match match = Form().Match(line);
        Assert.True(match.Success, $"not the documented form: {line}");
        string Part(string name) => match.Groups[name].Value;
        string Text(string name) => AccessLogLine.Unescape(Part(name));
        DateTimeOffset.ParseExact(Part("time"), "yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture);
        return new(
            Part("listener"),
            Part("client"),
            Text("name"),
            Part("route"),
            Part("backend"),
            Part("method"),
            Text("host"),
            Text("path"),
            Part("status") == "-" ? null : int.Parse(Part("status"), CultureInfo.InvariantCulture),
            long.Parse(Part("up"), CultureInfo.InvariantCulture),
            long.Parse(Part("down"), CultureInfo.InvariantCulture),
            AccessLogLine.ParseDuration(Part("duration")),
            Text("agent"));
    }

    [GeneratedRegex("""^(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d) request """
        + """listener=(?<listener>[^\s"]+) client=(?<client>(?:[0-9.]+|\[[0-9a-f:.]+\]):\d+) """
        + "name=\"(?<name>" + AccessLogLine.Quoted + ")\" " + """route=(?<route>[^\s"]+) backend=(?<backend>[^\s"]+) method=(?<method>[!-~]+) """
        + "host=\"(?<host>" + AccessLogLine.Quoted + ")\" path=\"(?<path>" + AccessLogLine.Quoted + ")\" "
        + """status=(?<status>-|\d{3}) up=(?<up>\d+) down=(?<down>\d+) duration=(?<duration>\d+(?:\.\d+)?m?s) """
        + "agent=\"(?<agent>" + AccessLogLine.Quoted + ")\"$")]
    private static partial Regex Form();
}
