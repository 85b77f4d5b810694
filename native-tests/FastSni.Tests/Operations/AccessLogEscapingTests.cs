using FastSni.Config;
using System.Text;
using System.Text.Json;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.Tests.Operations;

public class AccessLogEscapingTests
{
    [Theory]
    [InlineData("a\r\nForged", @"a\x0D\x0AForged", @"a\u000D\u000AForged")]
    [InlineData("\" end=complete", @"\"" end=complete", @"\"" end=complete")]
    [InlineData(@"\x41", @"\\x41", @"\\x41")]
    [InlineData("\u001B[2J\t\u007F", @"\x1B[2J\x09\x7F", @"\u001B[2J\u0009\u007F")]
    [InlineData("\u0000\u0080\u00FF", @"\x00\x80\xFF", @"\u0000\u0080\u00FF")]
    [InlineData("a b,c=~", "a b,c=~", "a b,c=~")]
    public void A_name_stays_within_its_quotes(string latin1, string text, string json)
    {
        SessionRecord record = Records.WithText(Encoding.Latin1.GetBytes(latin1), default);
        Assert.Contains($" name=\"{text}\" alpn=", Records.TextLine(record), StringComparison.Ordinal);
        Assert.Contains($",\"name\":\"{json}\",\"alpn\":", Records.JsonLine(record), StringComparison.Ordinal);
    }

    [Fact]
    public void A_comma_within_an_ALPN_entry_is_no_separator()
    {
        SessionRecord record = Records.WithText(default, Records.Alpn("h2,h3"u8, "\""u8));
        Assert.Contains(@" alpn=""h2\x2Ch3,\"""" ", Records.TextLine(record), StringComparison.Ordinal);
        Assert.Contains(@",""alpn"":[""h2,h3"",""\""""],", Records.JsonLine(record), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_read_back_from_text()
    {
        foreach ((byte[] name, List<byte[]> alpn) in Samples())
        {
            TextLineParser line = TextLineParser.Parse(Records.Line(Records.WithText(name, Records.Alpn(alpn))));
            Assert.Equal(name, line.Fields["name"]);
            Assert.Equal(alpn, line.Lists["alpn"]);
            AssertNothingIsForged(line.Fields.ToDictionary(field => field.Key, field => Encoding.Latin1.GetString(field.Value)));
        }
    }

    [Fact]
    public void Any_bytes_read_back_from_JSON()
    {
        foreach ((byte[] name, List<byte[]> alpn) in Samples())
        {
            byte[] line = Records.Line(Records.WithText(name, Records.Alpn(alpn)), AccessLogFormat.Json);
            Assert.Equal(line.Length - 1, Array.IndexOf(line, (byte)'\n'));
            using JsonDocument document = JsonDocument.Parse(line);
            Dictionary<string, JsonElement> fields = document.RootElement.EnumerateObject().ToDictionary(field => field.Name, field => field.Value);
            Assert.Equal(name, Bytes(fields["name"]));
            Assert.Equal(alpn, fields["alpn"].EnumerateArray().Select(Bytes));
            AssertNothingIsForged(fields.ToDictionary(field => field.Key, field => field.Value.ToString()));
        }

        static byte[] Bytes(JsonElement text) => [.. text.GetString()!.Select(c => checked((byte)c))];
    }

    private static void AssertNothingIsForged(Dictionary<string, string> fields)
    {
        Assert.Equal(
            ["time", "kind", "listener", "client", "name", "alpn", "route", "backend", "up", "down", "connect", "duration", "end"], fields.Keys);
        Assert.Equal("203.0.113.9:50123", fields["client"]);
        Assert.Equal("complete", fields["end"]);
    }

    /// <summary>Every byte alone, then random bytes of all lengths, half of them from those that mean something in a line.</summary>
    private static IEnumerable<(byte[] Name, List<byte[]> Alpn)> Samples()
    {
        for (int b = 0; b < 256; b++)
            yield return ([(byte)b], [[(byte)b], [(byte)b, (byte)b]]);
        Random random = new(53);
        for (int sample = 0; sample < 3000; sample++)
        {
            List<byte[]> alpn = [];
            while (alpn.Sum(entry => 1 + entry.Length) is var used && used < 128 && random.Next(4) > 0)
                alpn.Add(RandomBytes(random, random.Next(1, Math.Max(2, 128 - used))));
            if (alpn.Sum(entry => 1 + entry.Length) > SessionRecord.AlpnBytesMax)
                alpn.RemoveAt(alpn.Count - 1);
            yield return (RandomBytes(random, random.Next(256)), alpn);
        }
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        ReadOnlySpan<byte> meaningful = "\"\\,= \n\r\t\0x2Cu{}[]:client=end"u8;
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        for (int i = 0; i < count; i++)
        {
            if (random.Next(2) == 0)
                bytes[i] = meaningful[random.Next(meaningful.Length)];
        }
        return bytes;
    }
}
