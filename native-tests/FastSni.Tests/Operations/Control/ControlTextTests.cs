using FastSni.Operations;
using Xunit;

namespace FastSni.Tests.Operations.Control;

/// <summary>What the commands show to people, whoever chose the texts in it.</summary>
public sealed class ControlTextTests
{
    [Fact]
    public void Status_is_one_screen()
    {
        Assert.Equal("""
            gateway    fastsni 0.1.0, process 4711, serving for 2d 3h, 4 worker(s)
            config     /etc/fastsni/fastsni.ini
            listening  0.0.0.0:443, [::]:443
            sessions   3 of 100000 open, 1 of them before their hello
            accepted   48211 since the start, 12 in the last second
            bans       17

            ROUTE                 SERVER             STATE  SESSIONS  NAMES
            passthrough:yunohost  192.168.99.11:443  up            2  yunohost.example.org, *.nohost.me, c.example and 2 more
                                  192.168.99.12:443  down          0
            listen:smtp           -                  -             -

            DAYS LEFT  CERTIFICATE                    ROUTES
                   12  /etc/tls/app.pem               offload:app
                  300  (self-signed, made in memory)  offload:b

            ENDED  REASON
            48000  complete
              208  unknown-name

            COUNT  OF
               17  handshakes

            """, Reports.Text(text => StatusText.Write(Reports.Status, Reports.Now, text)));
    }

    [Fact]
    public void Sessions_are_a_table_whose_first_column_close_takes()
    {
        SessionsReport report = new(
            [
                new SessionReport(4711, "https", "203.0.113.9:50123", "yunohost.example.org", "passthrough:yunohost", "192.168.99.11:443", "open", 61, 1893, 48_211_000),
                new SessionReport(5, "https", "[2001:db8::7]:40112", "", "", "", "hello", 0.2, 0, 0),
            ], 7);
        Assert.Equal("""
            2 of 7 session(s), the oldest

            ID    LISTENER  CLIENT               PHASE    AGE    UP    DOWN  ROUTE                 BACKEND            NAME
            4711  https     203.0.113.9:50123    open   1m 1s  1893  45 MiB  passthrough:yunohost  192.168.99.11:443  yunohost.example.org
            5     https     [2001:db8::7]:40112  hello     0s     0       0  -                     -                  -

            """, Reports.Text(text => SessionsText.Write(report, text)));
        Assert.Equal("0 session(s)\n", Reports.Text(text => SessionsText.Write(new SessionsReport([], 0), text)));
    }

    [Fact]
    public void Bans_show_until_when_and_why()
    {
        BansReport report = new(
            [
                new BanEntry("192.0.2.7", "ssh", Reports.Now, Reports.Now.AddHours(1), false),
                new BanEntry("2001:db8::/32", "", Reports.Now, null, false),
                new BanEntry("10.0.0.0/8", "", Reports.Now, null, true),
            ]);
        Assert.Equal("""
            3 ban(s)

            ADDRESS        SINCE                UNTIL                REASON
            192.0.2.7      2026-11-23 12:00:00  2026-11-23 13:00:00  ssh
            2001:db8::/32  2026-11-23 12:00:00  (no end)
            10.0.0.0/8     2026-11-23 12:00:00  (in the file)

            """, Reports.Text(text => BansText.Write(report, TimeZoneInfo.Utc, text)));
    }

    [Fact]
    public void No_text_of_a_stranger_reaches_the_terminal_as_it_is()
    {
        StatusReport status = Reports.Status with
        {
            Config = Reports.Hostile,
            State = Reports.Hostile,
            Listening = [Reports.Hostile],
            Routes = [new RouteReport(Reports.Hostile, [Reports.Hostile], [new ServerReport(Reports.Hostile, Reports.Hostile, 1)])],
            Certificates = [new CertificateReport(Reports.Hostile, [Reports.Hostile], Reports.Now)],
            Ended = new Dictionary<string, long> { [Reports.Hostile] = 1 },
            Counters = new Dictionary<string, long> { [Reports.Hostile] = 1 },
        };
        SessionReport session = new(1, Reports.Hostile, Reports.Hostile, Reports.Hostile, Reports.Hostile, Reports.Hostile, Reports.Hostile, double.NaN, -1, long.MaxValue);
        BanEntry ban = new(Reports.Hostile, Reports.Hostile, Reports.Now, null, false);
        AssertTame(text => StatusText.Write(status, Reports.Now, text), lines: 18);
        AssertTame(text => SessionsText.Write(new SessionsReport([session], 1), text), lines: 4);
        AssertTame(text => BansText.Write(new BansReport([ban]), TimeZoneInfo.Utc, text), lines: 4);
    }

    [Theory]
    [InlineData("plain text, 100 %", "plain text, 100 %")]
    [InlineData("bücher.例え", "bücher.例え")]
    [InlineData("a\tb\u007F", "a\\u{9}b\\u{7F}")]
    [InlineData("\u2028\uE000\u200D", "\\u{2028}\\u{E000}\\u{200D}")]
    [InlineData("\U000E0001", "\\u{E0001}")]
    public void Characters_that_do_more_than_stand_there_become_their_numbers(string text, string shown) => Assert.Equal(shown, TerminalText.Escape(text));

    [Fact]
    public void Half_a_surrogate_pair_is_shown_as_a_replacement() => Assert.Equal("a\uFFFDb", TerminalText.Escape("a\uD800b"));

    private static void AssertTame(Action<TextWriter> write, int lines)
    {
        string text = Reports.Text(write);
        Assert.DoesNotContain(text, character => (char.IsControl(character) && character != '\n') || character == '\u202E');
        Assert.Contains("evil\\u{1B}[2J\\u{D}\\u{A}\\u{202E}gnp\\u{9B}31m\\u{0}", text, StringComparison.Ordinal);
        Assert.Equal(lines, text.Count(character => character == '\n'));
    }
}
