using System.Buffers;
using System.Text;
using FastSni.Config;
using FastSni.Operations;
using FastSni.Telemetry;
using FastSni.Wire;

namespace FastSni.Tests.Operations;

/// <summary>Records as a worker would fill them, and their lines.</summary>
internal static class Records
{
    public static readonly long Morning = new DateTime(2026, 11, 23, 9, 15, 30, 123, DateTimeKind.Utc).Ticks;

    /// <summary>The first line of the documentation's example.</summary>
    public static SessionRecord Sample()
    {
        SessionRecord record = new()
        {
            EndedUtcTicks = Morning,
            Listener = "https",
            Client = Endpoint("203.0.113.9:50123"),
            Route = "passthrough:yunohost",
            Backend = Endpoint("192.168.99.11:443"),
            UpBytes = 1893,
            DownBytes = 48211,
            ConnectMicros = 412,
            DurationMicros = 5_213_004,
            End = CloseReason.Complete,
        };
        record.SetText("yunohost.example.org"u8, Alpn("h2"u8, "http/1.1"u8));
        return record;
    }

    /// <summary>A refused session: no backend, no name, no route.</summary>
    public static SessionRecord Refused() => new()
    {
        EndedUtcTicks = Morning,
        Listener = "https",
        Client = Endpoint("[2001:db8::7]:40112"),
        Route = "-",
        ConnectMicros = -1,
        DurationMicros = 59,
        End = CloseReason.NotTls,
    };

    public static SessionRecord WithText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> alpnList)
    {
        SessionRecord record = Sample();
        record.SetText(name, alpnList);
        return record;
    }

    public static void Publish(this RecordRing<SessionRecord> ring, SessionRecord record)
    {
        if (!ring.TryReserve(out Span<SessionRecord> slot))
            return;
        slot[0] = record;
        ring.Publish();
    }

    /// <summary>A record that can be told from others by its count of bytes up.</summary>
    public static void PublishNumbered(this RecordRing<SessionRecord> ring, long number)
    {
        SessionRecord record = Sample();
        record.UpBytes = number;
        ring.Publish(record);
    }

    public static byte[] Line(SessionRecord record, AccessLogFormat format = AccessLogFormat.Text)
    {
        ArrayBufferWriter<byte> target = new();
        new AccessLogFormatter(new ManualClock()).Write(record, format, target);
        return target.WrittenSpan.ToArray();
    }

    public static string TextLine(SessionRecord record) => Encoding.ASCII.GetString(Line(record));

    public static string JsonLine(SessionRecord record) => Encoding.UTF8.GetString(Line(record, AccessLogFormat.Json));

    public static IpEndpoint Endpoint(string text) => IpEndpoint.TryParse(text, out IpEndpoint endpoint) ? endpoint : throw new FormatException(text);

    /// <summary>Wire form of a list of two.</summary>
    public static byte[] Alpn(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => [(byte)first.Length, .. first, (byte)second.Length, .. second];

    /// <summary>Wire form of a list.</summary>
    public static byte[] Alpn(IEnumerable<byte[]> entries) => [.. entries.SelectMany(entry => entry.Prepend((byte)entry.Length))];
}
