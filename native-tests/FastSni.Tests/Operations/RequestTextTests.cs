using System.Text;
using System.Text.Json;
using FastSni.Config;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.Tests.Operations;

/// <summary>What clients may put into the texts of a request.</summary>
public class RequestTextTests
{
    private static readonly (string Field, int BytesMax)[] Limits =
    [
        ("method", RequestRecord.MethodBytesMax), ("host", RequestRecord.HostBytesMax), ("path", RequestRecord.PathBytesMax), ("agent", RequestRecord.AgentBytesMax),
    ];

    [Theory]
    [InlineData("/a\r\nForged", @"/a\x0D\x0AForged", @"/a\u000D\u000AForged")]
    [InlineData("\" status=200", @"\"" status=200", @"\"" status=200")]
    [InlineData(@"\x41\u2026", @"\\x41\\u2026", @"\\x41\\u2026")]
    [InlineData("\u001B[2J\t\u007F", @"\x1B[2J\x09\x7F", @"\u001B[2J\u0009\u007F")]
    [InlineData("\u0000\u0080\u00FF", @"\x00\x80\xFF", @"\u0000\u0080\u00FF")]
    public void A_text_stays_within_its_field(string sent, string text, string json)
    {
        RequestRecord record = Requests.WithText(sent);
        string word = text.Replace(" ", @"\x20", StringComparison.Ordinal);
        Assert.Contains($" method={word} host=\"{text}\" path=\"{text}\" status=200 ", Requests.TextLine(record), StringComparison.Ordinal);
        Assert.EndsWith($" agent=\"{text}\"\n", Requests.TextLine(record), StringComparison.Ordinal);
        Assert.Contains($",\"method\":\"{json}\",\"host\":\"{json}\",\"path\":\"{json}\",\"status\":200,", Requests.JsonLine(record), StringComparison.Ordinal);
        Assert.EndsWith($",\"agent\":\"{json}\"}}\n", Requests.JsonLine(record), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_byte_is_a_question_mark()
    {
        // A fullwidth quote, an ellipsis, a line separator, a pair of surrogates and a lone one.
        RequestRecord record = Requests.WithText("a\uFF02\u2026\u2028\uD83D\uDE00\uD800");
        Assert.Contains(" method=a?????? host=\"a??????\" path=\"a??????\" status=", Requests.TextLine(record), StringComparison.Ordinal);
        Assert.Contains(",\"method\":\"a??????\",\"host\":\"a??????\",", Requests.JsonLine(record), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_read_back_from_text()
    {
        foreach (string sent in Samples())
        {
            TextLineParser line = TextLineParser.Parse(Requests.Line(Requests.WithText(sent)));
            Assert.Equal(Requests.Fields, line.Fields.Keys);
            foreach ((string field, int bytesMax) in Limits)
            {
                Assert.Equal(sent[..Math.Min(sent.Length, bytesMax)], Encoding.Latin1.GetString(line.Fields[field]));
                Assert.Equal(sent.Length > bytesMax, line.CutFields.Contains(field));
            }
            Assert.Equal("200", Encoding.ASCII.GetString(line.Fields["status"]));
        }
    }

    [Fact]
    public void Any_bytes_read_back_from_JSON()
    {
        foreach (string sent in Samples())
        {
            byte[] line = Requests.Line(Requests.WithText(sent), AccessLogFormat.Json);
            Assert.Equal(line.Length - 1, Array.IndexOf(line, (byte)'\n'));
            using JsonDocument document = JsonDocument.Parse(line);
            Assert.Equal(Requests.Fields, document.RootElement.EnumerateObject().Select(field => field.Name));
            foreach ((string field, int bytesMax) in Limits)
            {
                string expected = sent.Length > bytesMax ? sent[..bytesMax] + '\u2026' : sent;
                Assert.Equal(expected, document.RootElement.GetProperty(field).GetString());
            }
            Assert.Equal(200, document.RootElement.GetProperty("status").GetInt32());
        }
    }

    [Theory]
    [InlineData(AccessLogFormat.Text, 14_500)]
    [InlineData(AccessLogFormat.Json, 21_000)]
    public void The_longest_line_is_bounded(AccessLogFormat format, int bytesMax)
    {
        RequestRecord record = Requests.WithText(new string('\u00FF', 32 * 1024));
        record.Name = [.. Enumerable.Repeat((byte)0xFF, SessionRecord.NameBytesMax)];
        record.Client = record.Backend = Records.Endpoint("[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
        record.UpBytes = record.DownBytes = record.DurationMicros = long.MaxValue;
        record.Status = int.MaxValue;
        byte[] line = Requests.Line(record, format);
        Assert.Equal(line.Length - 1, Array.IndexOf(line, (byte)'\n'));
        Assert.InRange(line.Length, bytesMax - 1_000, bytesMax);

        record.Listener = record.Route = record.BackendPath = new string('\u0FFF', 300) + new string('\u0001', 300);
        Assert.Equal(1, Requests.Line(record, format).Count(b => b == '\n'));
    }

    [Fact]
    public void A_record_keeps_no_more_of_a_long_text_than_its_line_needs()
    {
        RequestRecord record = Requests.WithText(new string('x', 32 * 1024));
        Assert.Equal(Limits.Select(limit => limit.BytesMax + 1), [record.Method.Length, record.Host.Length, record.Path.Length, record.Agent.Length]);
    }

    /// <summary>Every byte alone, texts about as long as each limit, then random bytes, half of them from those that mean something in a line.</summary>
    private static IEnumerable<string> Samples()
    {
        for (int b = 0; b < 256; b++)
            yield return ((char)b).ToString();
        Random random = new(53);
        foreach (int length in Limits.SelectMany(limit => new[] { limit.BytesMax - 1, limit.BytesMax, limit.BytesMax + 1 }))
            yield return RandomText(random, length);
        for (int sample = 0; sample < 1000; sample++)
            yield return RandomText(random, random.Next(1, 700));
    }

    private static string RandomText(Random random, int length)
    {
        const string Meaningful = "\"\\,= \n\r\t\0x2Cu0{}[]:status=200";
        return string.Create(length, random, (text, source) =>
        {
            foreach (ref char character in text)
                character = source.Next(2) == 0 ? Meaningful[source.Next(Meaningful.Length)] : (char)source.Next(256);
        });
    }
}
