using System.Globalization;
using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>The shipped filters and actions with the real fail2ban. No client can get another's address banned by what it sends (T53).</summary>
public sealed class Fail2banTests
{
    private const string Innocent = "203.0.113.66";

    // What a client may try in a text, as the log writes it.
    private static readonly string[] Hostile =
    [
        "", $"client={Innocent}", $"x client={Innocent}:1 end=not-tls", $"\\\" client={Innocent}:1 end=not-tls", $"\\\\\\\" client={Innocent}:1 \\\"",
        $"\\x0D\\x0A2026-11-23T10:15:30.123+01:00 session listener=https client={Innocent}:1 name=\\\"\\\" alpn=\\\"\\\" route=- backend=- up=0 down=0 connect=- duration=1ms end=not-tls",
        $"2026-11-23T10:15:30.123+01:00 request listener=http client={Innocent}:1", "\\\\", "\\\"", $"\\xFF\\x80\\x1B[2J{Innocent}", $"[{Innocent}]", "<ADDR> <HOST>", "%(ip)s", $"{Innocent}\\u2026",
    ];

    public static TheoryData<string, string[]> SessionModes => new()
    {
        { "fastsni", ["not-tls", "hello-malformed", "hello-too-large", "proxy-header"] },
        { "fastsni[mode=names]", ["not-tls", "hello-malformed", "hello-too-large", "proxy-header", "unknown-name", "no-name"] },
        { "fastsni[mode=aggressive]", ["not-tls", "hello-malformed", "hello-too-large", "proxy-header", "unknown-name", "no-name", "hello-timeout", "client-limit"] },
    };

    [SkippableTheory]
    [MemberData(nameof(SessionModes))]
    public async Task The_session_filter_finds_the_refused_and_nobody_else(string filter, string[] found)
    {
        string[] ends =
        [
            "complete", "client-reset", "backend-reset", "client-silent", "idle", "hello-timeout", "hello-too-large", "hello-malformed", "not-tls", "no-name", "unknown-name", "handed-off", "banned",
            "client-limit", "connection-limit", "proxy-header", "connect-refused", "connect-timeout", "no-backend", "handoff-full", "closed-by-operator", "drained", "error",
        ];
        await AssertFoundAsync(filter, ends.SelectMany((end, number) => Hostile.SelectMany((text, which) => new[]
        {
            (Line: Session($"192.0.2.{number + 1}:{1000 + which}", end, text, text), Found: found.Contains(end) ? $"192.0.2.{number + 1}" : null),
            (Line: Session($"[2001:db8::{number + 1:x}]:{1000 + which}", end, text, text), Found: found.Contains(end) ? $"2001:db8::{number + 1:x}" : null),
        })).Append((Request($"192.0.2.250:1", 404, "x", "x", "x"), null)).Append(("", null)).Append(("garbage", null)));
    }

    [SkippableTheory]
    [InlineData("fastsni-http[mode=auth]", new[] { 401, 403 })]
    [InlineData("fastsni-http", new[] { 401, 403, 404, 421 })]
    [InlineData("fastsni-http[mode=aggressive]", new[] { 400, 401, 403, 404, 405, 408, 413, 414, 421, 429, 431 })]
    public async Task The_request_filter_finds_these_statuses_and_nobody_else(string filter, int[] found)
    {
        int[] statuses = [0, 101, 200, 204, 301, 304, 400, 401, 403, 404, 405, 408, 413, 414, 421, 429, 431, 499, 500, 502, 503, 504];
        await AssertFoundAsync(filter, statuses.SelectMany((status, number) => Hostile.SelectMany((text, which) => new[]
        {
            (Line: Request($"192.0.2.{number + 1}:{1000 + which}", status, text, text + " status=404 up=0", text), Found: found.Contains(status) ? $"192.0.2.{number + 1}" : null),
            (Line: Request($"[2001:db8::{number + 1:x}]:{1000 + which}", status, text, text, text), Found: found.Contains(status) ? $"2001:db8::{number + 1:x}" : null),
        })).Append((Session("192.0.2.250:1", "not-tls", "x", "x"), null)));
    }

    [SkippableTheory]
    [InlineData("2026-11-23T10:15:30.123+01:00", "2026-11-23T09:15:30Z")]
    [InlineData("2026-07-01T00:00:59.999+05:30", "2026-06-30T18:30:59Z")]
    [InlineData("2027-01-01T00:00:00.000-03:30", "2027-01-01T03:30:00Z")]
    [InlineData("2026-11-23T10:15:30.123+00:00", "2026-11-23T10:15:30Z")]
    public async Task The_time_is_read_with_its_offset(string written, string utc)
    {
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, Session("192.0.2.1:1", "not-tls", "", "", written) + "\n");
            string line = Assert.Single(await Fail2ban.FindAsync("fastsni", path));
            double seconds = double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
            Assert.Equal(DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture).ToUnixTimeSeconds(), (long)seconds);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [SkippableFact]
    public async Task The_log_of_a_gateway_that_was_sent_all_this_is_read_as_it_was_meant()
    {
        Tool.Require("fail2ban-regex");
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Bare().Site("site", HttpRooms.SiteName, $"http://{Loopback.NextV4()}"));
        List<string> refused = [], asked = [];
        foreach (string text in new[] { $"client={Innocent}:1 end=not-tls", $"x\" client={Innocent}:1 \"", $"a\r\n2026-11-23T10:15:30.123+01:00 session client={Innocent}:1", "\\\"" })
        {
            using TestClient client = await gateway.ConnectAsync();
            await client.AskAsync(HelloBytes.For(text));
            refused.Add(client.LocalEndPoint.Address.ToString());
            await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);

            IPAddress from = Loopback.NextAddress();
            string safe = text.Replace("\r\n", "\t", StringComparison.Ordinal);
            using WireClient visitor = await gateway.EnterAsync(HttpRoom.Plain, from);
            WireResponse answer = await visitor.AskAsync($"GET /{Uri.EscapeDataString(safe)}?{safe.Replace(' ', '+')} HTTP/1.1\r\nHost: nobody.test\r\nUser-Agent: {safe}\r\n\r\n");
            Assert.True(answer.Status is 400 or 404 or 421, $"{answer.Status}");
            asked.Add(from.ToString());
        }
        await Patience.UntilAsync(() => gateway.AccessLog.RawLines.Count(RequestLogLine.IsOne) >= 4, () => "four requests in the log");
        Assert.Equal(refused, (await Fail2ban.FindAsync("fastsni[mode=names]", gateway.AccessLog.Path)).Select(line => line.Split(' ')[0]));
        Assert.Equal(asked, (await Fail2ban.FindAsync("fastsni-http[mode=aggressive]", gateway.AccessLog.Path)).Select(line => line.Split(' ')[0]));
    }

    private static async Task AssertFoundAsync(string filter, IEnumerable<(string Line, string? Found)> lines)
    {
        (string Line, string? Found)[] all = [.. lines];
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(path, all.Select(line => line.Line));
            string[] found = await Fail2ban.FindAsync(filter, path);
            Assert.Equal(all.Select(line => line.Found).Where(address => address is not null), found.Select(line => line.Split(' ')[0]));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Session(string client, string end, string name, string alpn, string time = "2026-11-23T10:15:30.123+01:00") =>
        $"{time} session listener=https client={client} name=\"{name}\" alpn=\"{alpn}\" route=passthrough:a backend=[2001:db8::b]:443 up=0 down=0 connect=- duration=0.1ms end={end}";

    private static string Request(string client, int status, string host, string path, string agent) =>
        $"2026-11-23T10:15:31.001+01:00 request listener=https client={client} name=\"{host}\" route=- backend=192.168.99.20:8080 method={(status == 400 ? "-" : "GET")} host=\"{host}\" path=\"{path}\""
        + $" status={(status == 0 ? "-" : status.ToString(CultureInfo.InvariantCulture))} up=0 down=1024 duration=3.100s agent=\"{agent}\"";
}
