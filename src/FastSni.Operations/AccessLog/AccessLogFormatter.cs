using System.Buffers;
using FastSni.Config;
using FastSni.Telemetry;

namespace FastSni.Operations;

/// <summary>
/// Turns a <see cref="SessionRecord"/> into one line of the access log, UTF-8 with a line feed at the end, without allocating.
/// Not thread-safe: the log thread has its own.
/// <para>
/// Text: <c>2026-11-23T10:15:30.123+01:00 session listener=https client=203.0.113.9:50123 name="a.example" alpn="h2,http/1.1"
/// route=passthrough:a backend=192.0.2.11:443 up=1893 down=48211 connect=0.4ms duration=5.213s end=complete</c>.
/// Durations are cut, not rounded: tenths of a millisecond below one second, thousandths of a second from there on.
/// </para>
/// <para>
/// JSON: one object a line with the same names, the first two being <c>time</c> and <c>kind</c>. What is <c>-</c> in text is null here;
/// <c>alpn</c> is an array; <c>connect</c> and <c>duration</c> are numbers of milliseconds with three decimals, because a machine compares them.
/// </para>
/// <para>
/// What the client sent (<c>name</c>, <c>alpn</c>) is bytes, and reads back to the same bytes. In text, bytes outside 0x20–0x7E are <c>\xNN</c>,
/// <c>"</c> and <c>\</c> get a backslash, and a comma within an ALPN entry is <c>\x2C</c>. In JSON each byte is the character of that number
/// (Latin-1), those outside 0x20–0x7E as <c>\u00NN</c>.
/// </para>
/// </summary>
public sealed class AccessLogFormatter
{
    // All that is not text of variable length: time, names of the fields, two addresses, four numbers, the close reason (about 400 bytes).
    private const int FixedBytesMax = 512;
    // A client's byte becomes \u00NN at most, an operator's UTF-16 unit three bytes of UTF-8, each \xNN.
    private const int ClientTextBytesMax = 6 * (SessionRecord.NameBytesMax + SessionRecord.AlpnBytesMax);
    private const int BytesPerCharMax = 3 * 4;

    private readonly LocalTimestamp _timestamp;

    /// <param name="time">Its local time zone is the log's; daylight saving is followed.</param>
    public AccessLogFormatter(TimeProvider time) => _timestamp = new LocalTimestamp(time);

    /// <summary>Appends the record's line to <paramref name="target"/>.</summary>
    public void Write(in SessionRecord record, AccessLogFormat format, IBufferWriter<byte> target)
    {
        LineWriter line = new(target.GetSpan(BytesMax(record)), format);
        line.Begin(_timestamp.Format(record.EndedUtcTicks), "session"u8);
        line.Word("listener"u8, record.Listener);
        line.Endpoint("client"u8, record.Client);
        line.ClientText("name"u8, record.Name);
        line.AlpnList("alpn"u8, record.AlpnList);
        line.Word("route"u8, record.Route);
        if (record.BackendPath is not null)
            line.Word("backend"u8, record.BackendPath);
        else
            line.Endpoint("backend"u8, record.Backend);
        line.Number("up"u8, record.UpBytes);
        line.Number("down"u8, record.DownBytes);
        line.Duration("connect"u8, record.ConnectMicros);
        line.Duration("duration"u8, record.DurationMicros);
        line.Word("end"u8, record.End.Name());
        line.End();
        target.Advance(line.Length);
    }

    private static int BytesMax(in SessionRecord record)
    {
        int operatorChars = (record.Listener?.Length ?? 0) + (record.Route?.Length ?? 0) + (record.BackendPath?.Length ?? 0);
        return FixedBytesMax + ClientTextBytesMax + BytesPerCharMax * operatorChars;
    }
}
