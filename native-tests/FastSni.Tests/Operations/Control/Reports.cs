using FastSni.Operations;

namespace FastSni.Tests.Operations.Control;

/// <summary>A gateway as it might stand at one moment.</summary>
internal static class Reports
{
    internal static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Paints, ends the line, turns the direction of writing.</summary>
    internal const string Hostile = "evil\e[2J\r\n\u202Egnp\u009B31m\0";

    internal static StatusReport Status => new()
    {
        Version = "0.1.0",
        ProcessId = 4711,
        Config = "/etc/fastsni/fastsni.ini",
        UptimeSeconds = 183_700,
        State = "serving",
        Workers = 4,
        Sessions = 3,
        SessionsMax = 100_000,
        PendingHellos = 1,
        Accepted = 48_211,
        AcceptedPerSecond = 12,
        Ended = new Dictionary<string, long> { ["complete"] = 48_000, ["unknown-name"] = 208 },
        Counters = new Dictionary<string, long> { ["pipes-refused"] = 0, ["handshakes"] = 17 },
        Listening = ["0.0.0.0:443", "[::]:443"],
        Routes =
        [
            new RouteReport("passthrough:yunohost", ["yunohost.example.org", "*.nohost.me", "c.example", "d.example", "e.example"],
                [new ServerReport("192.168.99.11:443", "up", 2), new ServerReport("192.168.99.12:443", "down", 0)]),
            new RouteReport("listen:smtp", [], []),
        ],
        Certificates =
        [
            new CertificateReport(null, ["offload:b"], Now.AddDays(300)),
            new CertificateReport("/etc/tls/app.pem", ["offload:app"], Now.AddDays(12.9)),
        ],
        Bans = 17,
    };

    internal static string Text(Action<TextWriter> write)
    {
        using StringWriter text = new() { NewLine = "\n" };
        write(text);
        return text.ToString();
    }
}
