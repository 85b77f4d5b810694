using System.Buffers;
using System.Text;
using FastSni.Config;
using FastSni.Operations;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.Tests.Operations;

public class AccessLogFormatterTests
{
    [Fact]
    public void A_session_is_the_documented_line() => Assert.Equal(
        "2026-11-23T10:15:30.123+01:00 session listener=https client=203.0.113.9:50123 name=\"yunohost.example.org\" alpn=\"h2,http/1.1\" "
        + "route=passthrough:yunohost backend=192.168.99.11:443 up=1893 down=48211 connect=0.4ms duration=5.213s end=complete\n",
        Records.TextLine(Records.Sample()));

    [Fact]
    public void JSON_has_the_same_names_and_milliseconds_as_numbers() => Assert.Equal(
        """{"time":"2026-11-23T10:15:30.123+01:00","kind":"session","listener":"https","client":"203.0.113.9:50123","name":"yunohost.example.org","""
        + """ "alpn":["h2","http/1.1"],"route":"passthrough:yunohost","backend":"192.168.99.11:443","up":1893,"down":48211,"connect":0.412,"""[1..]
        + """ "duration":5213.004,"end":"complete"}"""[1..] + "\n",
        Records.JsonLine(Records.Sample()));

    [Fact]
    public void What_is_missing_is_a_dash_or_empty_quotes() => Assert.Equal(
        "2026-11-23T10:15:30.123+01:00 session listener=https client=[2001:db8::7]:40112 name=\"\" alpn=\"\" "
        + "route=- backend=- up=0 down=0 connect=- duration=0.0ms end=not-tls\n",
        Records.TextLine(Records.Refused()));

    [Fact]
    public void What_is_missing_is_null_or_empty_in_JSON() => Assert.Equal(
        """{"time":"2026-11-23T10:15:30.123+01:00","kind":"session","listener":"https","client":"[2001:db8::7]:40112","name":"","alpn":[],"""
        + """ "route":null,"backend":null,"up":0,"down":0,"connect":null,"duration":0.059,"end":"not-tls"}"""[1..] + "\n",
        Records.JsonLine(Records.Refused()));

    [Fact]
    public void A_record_nobody_filled_is_a_line_all_the_same() => Assert.Equal(
        "0001-01-01T01:00:00.000+01:00 session listener=- client=- name=\"\" alpn=\"\" "
        + "route=- backend=- up=0 down=0 connect=0.0ms duration=0.0ms end=none\n",
        Records.TextLine(default));

    [Theory]
    [InlineData(0, "0.0ms", "0.000")]
    [InlineData(99, "0.0ms", "0.099")]
    [InlineData(100, "0.1ms", "0.100")]
    [InlineData(999_999, "999.9ms", "999.999")]
    [InlineData(1_000_000, "1.000s", "1000.000")]
    [InlineData(3_600_000_999, "3600.000s", "3600000.999")]
    [InlineData(long.MaxValue, "9223372036854.775s", "9223372036854775.807")]
    public void Durations_are_cut_to_tenths_of_a_millisecond_below_a_second_and_to_milliseconds_above(long micros, string text, string json)
    {
        SessionRecord record = Records.Sample();
        record.DurationMicros = micros;
        Assert.Contains($" duration={text} ", Records.TextLine(record), StringComparison.Ordinal);
        Assert.Contains($"\"duration\":{json},", Records.JsonLine(record), StringComparison.Ordinal);
    }

    [Fact]
    public void A_unix_socket_stands_where_an_address_would()
    {
        SessionRecord record = Records.Sample();
        record.BackendPath = "unix:/run/mail box/ü.sock";
        Assert.Contains(@" backend=unix:/run/mail\x20box/\xC3\xBC.sock ", Records.TextLine(record), StringComparison.Ordinal);
        Assert.Contains("\"backend\":\"unix:/run/mail box/ü.sock\"", Records.JsonLine(record), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_end_is_spelled_as_documented()
    {
        foreach (CloseReason reason in Enum.GetValues<CloseReason>())
        {
            SessionRecord record = Records.Sample();
            record.End = reason;
            Assert.EndsWith($" end={reason.Name()}\n", Records.TextLine(record), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(AccessLogFormat.Text)]
    [InlineData(AccessLogFormat.Json)]
    public void The_longest_line_fits(AccessLogFormat format)
    {
        SessionRecord record = Records.Sample();
        record.SetText(Bytes(255, 0xFF), Records.Alpn([Bytes(127, 0xFF)]));
        record.Listener = record.Route = record.BackendPath = new string('\u0FFF', 300) + new string('\u0001', 300);
        record.Client = Records.Endpoint("[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
        record.UpBytes = record.DownBytes = record.ConnectMicros = record.DurationMicros = long.MaxValue;
        record.End = CloseReason.ConnectionLimit;
        string line = Encoding.UTF8.GetString(Records.Line(record, format));
        Assert.Single(line, '\n');
        Assert.Contains("connection-limit", line, StringComparison.Ordinal);

        static byte[] Bytes(int count, byte value) => [.. Enumerable.Repeat(value, count)];
    }

    [Theory]
    [InlineData(AccessLogFormat.Text)]
    [InlineData(AccessLogFormat.Json)]
    public void Formatting_allocates_nothing(AccessLogFormat format)
    {
        AccessLogFormatter formatter = new(new ManualClock());
        ArrayBufferWriter<byte> target = new(1 << 20);
        SessionRecord plain = Records.Sample(), odd = Records.WithText("a\"\\\n\xFF"u8, Records.Alpn("x,y"u8, "\0"u8));
        odd.Client = Records.Endpoint("[2001:db8::7]:40112");
        odd.BackendPath = "unix:/run/ü";
        Measure(seconds: 200);
        // A collection that another test causes counts what is left of this thread's allocation buffer: the least of several counts.
        Assert.Equal(0, Enumerable.Range(0, 10).Min(_ => Measure(seconds: 500)));

        long Measure(int seconds)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int second = 0; second < seconds; second++)
            {
                plain.EndedUtcTicks = odd.EndedUtcTicks = Records.Morning + second * TimeSpan.TicksPerSecond;
                formatter.Write(plain, format, target);
                formatter.Write(odd, format, target);
                target.ResetWrittenCount();
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
