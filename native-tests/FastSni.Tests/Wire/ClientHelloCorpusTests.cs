using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

public class ClientHelloCorpusTests
{
    [Fact]
    public void Every_hello_of_the_corpus_is_read_as_it_says()
    {
        Assert.Equal(204, CorpusRow.ClientHellos.Length);
        Assert.Empty(CorpusRow.ClientHellos.Where(row => !row.Allows(Outcome.Of(row.Bytes))).Select(Describe));
    }

    [Fact]
    public void Every_fuzz_input_of_the_corpus_is_read_as_the_reference_reads_it()
    {
        Assert.Equal(900, CorpusRow.FuzzInputs.Length);
        Assert.Empty(CorpusRow.FuzzInputs.Where(row => Outcome.Of(row.Bytes).Verdict != row.Expect).Select(Describe));
    }

    [Fact]
    public void Names_and_protocols_are_the_bytes_that_were_sent()
    {
        foreach (CorpusRow row in CorpusRow.All.Where(row => row.Expect is "sni" or "nosni"))
        {
            Outcome outcome = Outcome.Of(row.Bytes);
            Assert.Equal(row.Name ?? "", outcome.Name);
            Assert.Equal(string.Join(',', row.Alpn), outcome.Alpn);
        }
    }

    [Fact]
    public void The_default_limit_changes_no_verdict()
    {
        foreach (CorpusRow row in CorpusRow.All)
            Assert.Equal(Outcome.Of(row.Bytes) with { NeedBytes = 0 }, Outcome.Of(row.Bytes, Outcome.DefaultLimitBytes) with { NeedBytes = 0 });
    }

    [Fact]
    public void A_verdict_on_a_prefix_is_the_verdict_on_the_whole()
    {
        foreach (CorpusRow row in CorpusRow.All)
        {
            Outcome whole = Outcome.Of(row.Bytes, Outcome.DefaultLimitBytes);
            bool decided = false;
            for (int length = 0; length <= row.Bytes.Length; length++)
            {
                Outcome prefix = Outcome.Of(row.Bytes.AsSpan(0, length), Outcome.DefaultLimitBytes);
                Assert.False(decided && prefix.Status == HelloStatus.Incomplete, $"{row.Id}: undecided again at {length}");
                decided = prefix.Status != HelloStatus.Incomplete;
                if (decided && prefix != whole)
                    Assert.Fail($"{row.Id}: {prefix} of {length} bytes, {whole} of all {row.Bytes.Length}");
            }
        }
    }

    private static string Describe(CorpusRow row) => $"{row.Id}: {row.Expect} {row.Name}, read {Outcome.Of(row.Bytes)}";
}
