using System.Buffers;
using FastSni.Config;
using FastSni.Operations;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.Tests.Operations;

public class RequestLineTests
{
    [Fact]
    public void A_request_is_the_documented_line() => Assert.Equal(
        "2026-11-23T10:15:31.001+01:00 request listener=https client=[2001:db8::7]:40112 name=\"app.example.eu\" route=offload:app "
        + "backend=192.168.99.20:8080 method=GET host=\"app.example.eu\" path=\"/x?y=1\" status=200 up=0 down=1024 duration=3.1ms agent=\"curl/8.5\"\n",
        Requests.TextLine(Requests.Sample()));

    [Fact]
    public void JSON_has_the_same_names() => Assert.Equal(
        """{"time":"2026-11-23T10:15:31.001+01:00","kind":"request","listener":"https","client":"[2001:db8::7]:40112","name":"app.example.eu","""
        + """ "route":"offload:app","backend":"192.168.99.20:8080","method":"GET","host":"app.example.eu","path":"/x?y=1","status":200,"up":0,"""[1..]
        + """ "down":1024,"duration":3.149,"agent":"curl/8.5"}"""[1..] + "\n",
        Requests.JsonLine(Requests.Sample()));

    [Fact]
    public void What_is_missing_is_a_dash_or_empty_quotes() => Assert.Equal(
        "2026-11-23T10:15:31.001+01:00 request listener=https client=[2001:db8::7]:40112 name=\"\" route=- "
        + "backend=- method=GET host=\"app.example.eu\" path=\"/x?y=1\" status=- up=0 down=0 duration=3.1ms agent=\"\"\n",
        Requests.TextLine(Requests.Unanswered()));

    [Fact]
    public void What_is_missing_is_null_or_empty_in_JSON()
    {
        string line = Requests.JsonLine(Requests.Unanswered());
        Assert.Contains("\"name\":\"\",\"route\":null,\"backend\":null,\"method\":\"GET\",", line, StringComparison.Ordinal);
        Assert.Contains("\"status\":null,\"up\":0,\"down\":0,\"duration\":3.149,\"agent\":\"\"}\n", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_nobody_filled_is_a_line_all_the_same()
    {
        Assert.Equal(
            "0001-01-01T01:00:00.000+01:00 request listener=- client=- name=\"\" route=- backend=- method=- host=\"\" path=\"\" "
            + "status=- up=0 down=0 duration=0.0ms agent=\"\"\n",
            Requests.TextLine(default));
        Assert.Contains("\"method\":null,\"host\":\"\",", Requests.JsonLine(default), StringComparison.Ordinal);
    }

    [Fact]
    public void A_unix_socket_stands_where_an_address_would()
    {
        RequestRecord record = Requests.Sample() with { Backend = default, BackendPath = "unix:/run/app one.sock" };
        Assert.Contains(@" backend=unix:/run/app\x20one.sock method=", Requests.TextLine(record), StringComparison.Ordinal);
        Assert.Contains("\"backend\":\"unix:/run/app one.sock\",", Requests.JsonLine(record), StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_of_IPv4_has_no_brackets() => Assert.Contains(
        " client=203.0.113.9:50123 name=", Requests.TextLine(Requests.Sample() with { Client = Records.Endpoint("203.0.113.9:50123") }), StringComparison.Ordinal);

    [Fact]
    public void A_method_that_is_a_dash_is_not_taken_for_none()
    {
        RequestRecord record = Requests.Sample() with { Method = "-" };
        Assert.Contains(@" method=\x2D host=", Requests.TextLine(record), StringComparison.Ordinal);
        Assert.Contains("\"method\":\"-\",", Requests.JsonLine(record), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AccessLogFormat.Text)]
    [InlineData(AccessLogFormat.Json)]
    public void Formatting_allocates_nothing(AccessLogFormat format)
    {
        AccessLogFormatter formatter = new(new ManualClock());
        ArrayBufferWriter<byte> target = new(1 << 20);
        RequestRecord plain = Requests.Sample(), odd = Requests.WithText("/\"\\\n\u00FF" + new string('x', 5000));
        odd.BackendPath = "unix:/run/ü";
        Measure(requests: 200);
        // A collection that another test causes counts what is left of this thread's allocation buffer: the least of several counts.
        Assert.Equal(0, Enumerable.Range(0, 10).Min(_ => Measure(requests: 500)));

        long Measure(int requests)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int request = 0; request < requests; request++)
            {
                formatter.Write(plain, format, target);
                formatter.Write(odd, format, target);
                target.ResetWrittenCount();
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
