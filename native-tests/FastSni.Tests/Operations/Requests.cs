using System.Buffers;
using System.Text;
using FastSni.Config;
using FastSni.Operations;
using FastSni.Telemetry;

namespace FastSni.Tests.Operations;

/// <summary>Records of requests as a handler would fill them, and their lines.</summary>
internal static class Requests
{
    public static readonly string[] Fields =
    [
        "time", "kind", "listener", "client", "name", "route", "backend", "method", "host", "path", "status", "up", "down", "duration", "agent",
    ];

    /// <summary>The documentation's example.</summary>
    public static RequestRecord Sample() => new()
    {
        EndedUtcTicks = new DateTime(2026, 11, 23, 9, 15, 31, 1, DateTimeKind.Utc).Ticks,
        Listener = "https",
        Client = Records.Endpoint("[2001:db8::7]:40112"),
        Name = "app.example.eu"u8.ToArray(),
        Route = "offload:app",
        Backend = Records.Endpoint("192.168.99.20:8080"),
        Method = "GET",
        Host = "app.example.eu",
        Path = "/x?y=1",
        Status = 200,
        DownBytes = 1024,
        DurationMicros = 3_149,
        Agent = "curl/8.5",
    };

    /// <summary>The client went before an answer began: no server, no agent, no name.</summary>
    public static RequestRecord Unanswered() => Sample() with { Name = [], Route = "-", Backend = default, Status = 0, DownBytes = 0, Agent = "" };

    public static RequestRecord WithText(string text) => Sample() with { Method = text, Host = text, Path = text, Agent = text };

    public static byte[] Line(RequestRecord record, AccessLogFormat format = AccessLogFormat.Text)
    {
        ArrayBufferWriter<byte> target = new();
        new AccessLogFormatter(new ManualClock()).Write(record, format, target);
        return target.WrittenSpan.ToArray();
    }

    public static string TextLine(RequestRecord record) => Encoding.ASCII.GetString(Line(record));

    public static string JsonLine(RequestRecord record) => Encoding.UTF8.GetString(Line(record, AccessLogFormat.Json));
}
