using System.Buffers;
using FastSni.Config;
using FastSni.Telemetry;
using FastSni.Wire;

namespace FastSni.Operations;

/// <summary>
/// Turns a <see cref="SessionRecord"/> or a <see cref="RequestRecord"/> into one line of the access log, UTF-8 with a line feed at the end, without
/// allocating. Not thread-safe: the log thread has its own.
/// <para>
/// Text: <c>2026-11-23T10:15:30.123+01:00 session listener=https client=203.0.113.9:50123 name="a.example" alpn="h2,http/1.1"
/// route=passthrough:a backend=192.0.2.11:443 up=1893 down=48211 connect=0.4ms duration=5.213s end=complete</c>,
/// and <c>2026-11-23T10:15:31.001+01:00 request listener=https client=[2001:db8::7]:40112 name="app.example.eu" route=offload:app
/// backend=192.168.99.20:8080 method=GET host="app.example.eu" path="/x?y=1" status=200 up=0 down=1024 duration=3.1ms agent="curl/8.5"</c>.
/// Durations are cut, not rounded: tenths of a millisecond below one second, thousandths of a second from there on.
/// </para>
/// <para>
/// JSON: one object a line with the same names, the first two being <c>time</c> and <c>kind</c>. What is <c>-</c> in text is null here;
/// <c>alpn</c> is an array; <c>connect</c> and <c>duration</c> are numbers of milliseconds with three decimals, because a machine compares them.
/// </para>
/// <para>
/// What the client sent (<c>name</c>, <c>alpn</c>, <c>method</c>, <c>host</c>, <c>path</c>, <c>agent</c>) is bytes, and reads back to the same bytes.
/// In text, bytes outside 0x20–0x7E are <c>\xNN</c>, <c>"</c> and <c>\</c> get a backslash; a comma within an ALPN entry is <c>\x2C</c>, and a space in the
/// method, which has no quotes, <c>\x20</c>. In JSON each byte is the character of that number (Latin-1), those outside 0x20–0x7E as <c>\u00NN</c>.
/// A text of a request that is too long for a line is cut, and ends with <c>\u2026</c> in both forms, which stands for no byte.
/// </para>
/// </summary>
public sealed class AccessLogFormatter
{
    // All that is not text of variable length: time, names of the fields, two addresses, four numbers, the close reason (about 400 bytes).
    private const int FixedBytesMax = 512;
    // A client's byte becomes \u00NN at most, an operator's UTF-16 unit three bytes of UTF-8, each \xNN.
    private const int BytesPerByteMax = 6, BytesPerCharMax = 3 * 4;

    private readonly LocalTimestamp _timestamp;

    /// <param name="time">Its local time zone is the log's; daylight saving is followed.</param>
    public AccessLogFormatter(TimeProvider time) => _timestamp = new LocalTimestamp(time);

    /// <summary>A client's text as the text form writes it between quotes.</summary>
    public static string Escape(ReadOnlySpan<byte> text)
    {
        Span<byte> escaped = new byte[text.Length * BytesPerByteMax];
        return System.Text.Encoding.ASCII.GetString(escaped[..Escaping.Write(text, Escaping.PlainInQuotes, json: false, escaped)]);
    }

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
        WriteBackend(ref line, record.BackendPath, record.Backend);
        line.Number("up"u8, record.UpBytes);
        line.Number("down"u8, record.DownBytes);
        line.Duration("connect"u8, record.ConnectMicros);
        line.Duration("duration"u8, record.DurationMicros);
        line.Word("end"u8, record.End.Name());
        line.End();
        target.Advance(line.Length);
    }

    /// <inheritdoc cref="Write(in SessionRecord, AccessLogFormat, IBufferWriter{byte})"/>
    public void Write(in RequestRecord record, AccessLogFormat format, IBufferWriter<byte> target)
    {
        LineWriter line = new(target.GetSpan(BytesMax(record)), format);
        line.Begin(_timestamp.Format(record.EndedUtcTicks), "request"u8);
        line.Word("listener"u8, record.Listener);
        line.Endpoint("client"u8, record.Client);
        line.ClientText("name"u8, record.Name);
        line.Word("route"u8, record.Route);
        WriteBackend(ref line, record.BackendPath, record.Backend);
        line.ClientWord("method"u8, record.Method, RequestRecord.MethodBytesMax);
        line.ClientText("host"u8, record.Host, RequestRecord.HostBytesMax);
        line.ClientText("path"u8, record.Path, RequestRecord.PathBytesMax);
        line.Status("status"u8, record.Status);
        line.Number("up"u8, record.UpBytes);
        line.Number("down"u8, record.DownBytes);
        line.Duration("duration"u8, record.DurationMicros);
        line.ClientText("agent"u8, record.Agent, RequestRecord.AgentBytesMax);
        line.End();
        target.Advance(line.Length);
    }

    private static void WriteBackend(ref LineWriter line, string? path, IpEndpoint endpoint)
    {
        if (path is not null)
            line.Word("backend"u8, path);
        else
            line.Endpoint("backend"u8, endpoint);
    }

    private static int BytesMax(in SessionRecord record) =>
        BytesMax(SessionRecord.NameBytesMax + SessionRecord.AlpnBytesMax, Chars(record.Listener) + Chars(record.Route) + Chars(record.BackendPath));

    // The record has cut its texts but for one character, which is the mark; the parser refuses a name of more than 255 bytes.
    private static int BytesMax(in RequestRecord record) => BytesMax(
        (record.Name?.Length ?? 0) + Chars(record.Method) + Chars(record.Host) + Chars(record.Path) + Chars(record.Agent),
        Chars(record.Listener) + Chars(record.Route) + Chars(record.BackendPath));

    private static int BytesMax(int clientBytes, int operatorChars) =>
        FixedBytesMax + BytesPerByteMax * clientBytes + BytesPerCharMax * operatorChars;

    private static int Chars(string? text) => text?.Length ?? 0;
}
