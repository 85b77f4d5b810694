using System.Collections.Concurrent;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Every public hello through the running gateway.</summary>
public sealed class CorpusTests
{
    private const int Concurrency = 16;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_hello_in_one_write_takes_its_route_and_arrives_unchanged(int workers)
    {
        await using CorpusStage stage = await CorpusStage.StartAsync(Corpus.Hellos, helloTimeout: "2s", workers);
        await PlayAllAsync(stage, Corpus.Hellos, (client, hello) => client.TrySendAsync(hello));
    }

    [Fact]
    public async Task Every_hello_byte_by_byte_takes_the_same_route()
    {
        // The largest vectors need many thousand writes: the timeout must not be what ends them.
        await using CorpusStage stage = await CorpusStage.StartAsync(Corpus.Hellos, helloTimeout: "8s");
        await PlayAllAsync(stage, Corpus.Hellos, (client, hello) => client.SendByteByByteAsync(hello));
    }

    [Fact]
    public async Task Every_hello_split_inside_its_name_takes_the_same_route()
    {
        await using CorpusStage stage = await CorpusStage.StartAsync(Corpus.Hellos, helloTimeout: "2s");
        Dictionary<byte[], CorpusRow> rows = Corpus.Hellos.ToDictionary(row => row.Bytes);
        await PlayAllAsync(stage, Corpus.Hellos, (client, hello) => client.SendSplitAsync(hello, InsideName(rows[hello])));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(9)]
    [InlineData(-1)]
    public async Task Every_named_hello_split_at_a_telling_byte_takes_the_same_route(int place)
    {
        CorpusRow[] rows = [.. Corpus.Hellos.Where(row => row.Expect == HelloVerdict.Sni)];
        await using CorpusStage stage = await CorpusStage.StartAsync(rows, helloTimeout: "5s");
        await PlayAllAsync(stage, rows, (client, hello) => client.SendSplitAsync(hello, place > 0 ? place : hello.Length + place));
    }

    [Fact]
    public async Task Every_fuzzed_hello_is_judged_without_a_crash_a_hang_or_a_wrong_route()
    {
        await using CorpusStage stage = await CorpusStage.StartAsync(Corpus.FuzzedHellos, helloTimeout: "2s");
        await PlayAllAsync(stage, Corpus.FuzzedHellos, (client, hello) => client.TrySendAsync(hello), concurrency: 128);
    }

    [Theory]
    [InlineData("pcap-ech-cf", "performance.radar.cloudflare.com")]
    [InlineData("pcap-ech-1", "cloudflare-ech.com")]
    [InlineData("pcap-chrome-pq-ech", "rr4---sn-5hne6nzy.googlevideo.com")]
    public async Task An_encrypted_client_hello_is_routed_by_its_outer_name_and_forwarded_untouched(string id, string outerName)
    {
        CorpusRow row = Corpus.Hello(id);
        await using CorpusStage stage = await CorpusStage.StartAsync([row], helloTimeout: "5s");
        Outcome outcome = await stage.PlayAsync(row.Bytes, (client, hello) => client.SendAsync(hello));
        Assert.Equal(outerName, outcome.Route);
        Assert.Equal(row.Bytes, outcome.Received);
        Assert.Equal("complete", outcome.End);
    }

    [Fact]
    public async Task Nothing_of_an_incomplete_hello_reaches_a_backend_and_the_timeout_ends_it()
    {
        CorpusRow[] rows = [.. Corpus.Hellos.Where(row => row.Expect == HelloVerdict.Incomplete)];
        await using CorpusStage stage = await CorpusStage.StartAsync(rows, helloTimeout: "1s");
        Outcome[] outcomes = await Task.WhenAll(rows.Select(row => stage.PlayAsync(row.Bytes, (client, hello) => client.SendAsync(hello))));
        Assert.All(outcomes, outcome => Assert.Equal(new Outcome(null, null, "hello-timeout"), outcome));
        foreach (AccessLogLine line in stage.Gateway.AccessLog.Lines)
            Assert.True(line.Duration >= TimeSpan.FromSeconds(1) && line.Backend == "-" && line.Up == 0, line.ToString());
    }

    private static async Task PlayAllAsync(
        CorpusStage stage, IReadOnlyList<CorpusRow> rows, Func<TestClient, byte[], Task> deliver, int concurrency = Concurrency)
    {
        ConcurrentBag<string> complaints = [];
        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = concurrency }, async (row, _) =>
        {
            string? complaint;
            try
            {
                complaint = CorpusJudge.Complaint(row, await stage.PlayAsync(row.Bytes, deliver));
            }
            catch (Exception wrong)
            {
                complaint = $"{row.Id}: {wrong.Message}";
            }
            if (complaint is not null)
                complaints.Add(complaint);
        });
        stage.AssertNoFaults();
        Assert.True(complaints.IsEmpty, $"{complaints.Count} of {rows.Count}:\n{string.Join('\n', complaints.Order().Take(20))}");
    }

    /// <summary>The middle of the name where it lies in one piece, else the middle of the hello.</summary>
    private static int InsideName(CorpusRow row)
    {
        int at = row.Sni is null ? -1 : HelloBytes.IndexOfName(row.Bytes, row.Sni);
        return at < 0 ? row.Bytes.Length / 2 : at + Math.Max(1, row.Sni!.Length / 2);
    }
}
