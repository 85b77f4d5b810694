using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>The measure is measured first: these need no gateway.</summary>
public sealed class HarnessTests
{
    [Fact]
    public void The_reference_reading_agrees_with_every_row_of_the_corpus()
    {
        List<string> wrong = [];
        foreach (CorpusRow row in Corpus.Hellos.Concat(Corpus.FuzzedHellos))
        {
            (HelloVerdict verdict, string? name) = ReferenceHello.Read(row.Bytes);
            if (!row.Allows(verdict) || (row.Expect == HelloVerdict.Sni && verdict == HelloVerdict.Sni && name != row.Sni))
                wrong.Add($"{row.Id}: expected {row.Expect} {row.Sni}, read {verdict} {name}");
        }
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(16_389)]
    [InlineData(21_596)]
    [InlineData(60_000)]
    [InlineData(70_000)]
    public void A_made_hello_has_the_asked_size_and_reads_back(int wireBytes)
    {
        byte[] hello = HelloBytes.OfSize("a.home.test", wireBytes);
        Assert.Equal(wireBytes, hello.Length);
        Assert.Equal((HelloVerdict.Sni, "a.home.test"), ReferenceHello.Read(hello));
        Assert.Equal((HelloVerdict.Sni, "a.home.test"), ReferenceHello.Read(HelloBytes.InRecords(hello, 1, 3, 700)));
        Assert.Equal((HelloVerdict.Incomplete, null), ReferenceHello.Read(hello[..^1]));
    }

    [Fact]
    public void A_pattern_knows_its_own_bytes_from_those_of_another()
    {
        Pattern one = new(1), other = new(2);
        byte[] bytes = new byte[1000];
        one.Fill(123, bytes);
        Assert.Equal(-1, one.FirstDifference(123, bytes));
        Assert.Equal(123, other.FirstDifference(123, bytes));
    }

    [Fact]
    public async Task A_reset_and_an_orderly_end_are_told_apart()
    {
        using TestBackend backend = TestBackend.Start("b", proxy: false, script: async session =>
        {
            await session.SendAsync(new byte[50_000]);
            await session.DeliveredAsync();
            if (backend_resets(session))
                session.Abort();
        });
        static bool backend_resets(BackendSession session) => session.Backend.Accepted == 1;

        using TestClient first = await TestClient.ConnectAsync((System.Net.IPEndPoint)backend.EndPoint);
        Assert.Equal((50_000, Ending.Reset), ((await first.ReceiveToEndAsync()) is var cut ? (cut.Bytes.Length, cut.Ending) : default));
        using TestClient second = await TestClient.ConnectAsync((System.Net.IPEndPoint)backend.EndPoint);
        Assert.Equal((50_000, Ending.Fin), ((await second.ReceiveToEndAsync()) is var whole ? (whole.Bytes.Length, whole.Ending) : default));
    }

    [Fact]
    public void The_documents_own_access_log_line_passes_the_strict_form()
    {
        AccessLogLine line = AccessLogLine.Parse(
            "2026-11-23T10:15:30.123+01:00 session listener=https client=203.0.113.9:50123 name=\"yunohost.example.org\" alpn=\"h2,http/1.1\" "
            + "route=passthrough:yunohost backend=192.168.99.11:443 up=1893 down=48211 connect=0.4ms duration=5.213s end=complete");
        Assert.Equal(("yunohost.example.org", 48_211, TimeSpan.FromSeconds(5.213), "complete"), (line.Name, line.Down, line.Duration, line.End));
    }
}
