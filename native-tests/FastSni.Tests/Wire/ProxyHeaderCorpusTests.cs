using FastSni.Fuzz;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

public class ProxyHeaderCorpusTests
{
    private const int MutationsEachSeed = 50_000;

    private static readonly byte[] Payload = [0x16, 0x03, 0x01, 0x02, 0x00, (byte)'\r', (byte)'\n', 0x03, 0x00, 0x04, 0, 0, 0, 0];

    // Mutations of the few large inputs would take most of the time and find nothing that the small ones do not.
    private static readonly byte[][] Seeds = [.. ProxyRow.All.Where(row => row.Expect is "ok" or "local" && row.Bytes.Length <= 512).Select(row => row.Bytes)];

    /// <summary>CRLF alone is to be refused, the corpus says; it also begins every header of version 2, so that only the timeout can.</summary>
    private static bool BeginsVersion2(ProxyRow row) => row.Id == "v1-rej-ppp-crlf";

    [Fact]
    public void Every_header_of_the_corpus_is_read_as_it_says()
    {
        Assert.Equal(162, ProxyRow.All.Length);
        Assert.Empty(ProxyRow.All.Where(row => !BeginsVersion2(row) && !row.Allows(ProxyOutcome.Of(row.Bytes)))
            .Select(row => $"{row.Id}: {row.Expect}, read {ProxyOutcome.Of(row.Bytes)}"));
        Assert.Equal(ProxyHeaderStatus.Incomplete, ProxyOutcome.Of(ProxyRow.All.Single(BeginsVersion2).Bytes).Status);
    }

    [Fact]
    public void Of_the_headers_that_others_read_one_with_a_wrong_checksum_is_refused()
    {
        string[] refused = [.. ProxyRow.All.Where(row => row.Expect is "ok" or "local" && ProxyOutcome.Of(row.Bytes).Verdict != row.Expect).Select(row => row.Id)];
        Assert.Equal(["v2-crc-bad-nginx-tlvs"], refused);
    }

    [Fact]
    public void No_verdict_is_given_before_the_last_byte_or_changed_after_it()
    {
        foreach (ProxyRow row in ProxyRow.All)
        {
            ProxyOutcome whole = ProxyOutcome.Of(row.Bytes);
            bool decided = false;
            for (int length = 0; length <= row.Bytes.Length; length++)
            {
                ProxyOutcome prefix = ProxyOutcome.Of(row.Bytes.AsSpan(0, length));
                if (row.Expect is "ok" or "local" && length < row.HeaderBytes && prefix.Status != ProxyHeaderStatus.Incomplete)
                    Assert.Fail($"{row.Id}: {prefix.Status} of {length} bytes");
                Assert.False(decided && prefix.Status == ProxyHeaderStatus.Incomplete, $"{row.Id}: undecided again at {length}");
                decided = prefix.Status != ProxyHeaderStatus.Incomplete;
                if (decided && prefix != whole)
                    Assert.Fail($"{row.Id}: {prefix} of {length} bytes, {whole} of all {row.Bytes.Length}");
            }
        }
    }

    [Fact]
    public void What_follows_a_header_changes_nothing()
    {
        foreach (ProxyRow row in ProxyRow.All)
        {
            ProxyOutcome whole = ProxyOutcome.Of(row.Bytes);
            if (whole.Status != ProxyHeaderStatus.Incomplete)
                Assert.Equal(whole, ProxyOutcome.Of([.. row.Bytes, .. Payload]));
            if (whole.Status == ProxyHeaderStatus.Complete)
                Assert.Equal(whole, ProxyOutcome.Of([.. row.Bytes.AsSpan(0, whole.Bytes), .. Payload]));
        }
    }

    /// <summary>needBytes becomes SO_RCVLOWAT: too much of it stalls a peer for ever.</summary>
    [Fact]
    public void Waiting_for_what_is_asked_never_stalls_a_header()
    {
        foreach (ProxyRow row in ProxyRow.All.Where(row => ProxyOutcome.Of(row.Bytes).Status == ProxyHeaderStatus.Complete))
        {
            byte[] header = row.Bytes[..row.HeaderBytes];
            ProxyOutcome look = ProxyOutcome.Of([]);
            int looks = 1;
            for (; look.Status == ProxyHeaderStatus.Incomplete; looks++)
            {
                Assert.True(look.NeedBytes <= header.Length, $"{row.Id}: waits for {look.NeedBytes} of {header.Length} bytes");
                look = ProxyOutcome.Of(header.AsSpan(0, look.NeedBytes));
            }
            Assert.Equal(header.Length, look.Bytes);
            // Of version 2: each byte of the signature, the head, the rest.
            Assert.True(looks <= (header[0] == 'P' ? header.Length + 1 : 15), $"{row.Id}: {looks} looks");
        }
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void No_mutation_of_a_header_throws_or_reads_beyond_it(int seed)
    {
        var random = new Random(seed);
        int complete = 0;
        for (int count = 0; count < MutationsEachSeed; count++)
        {
            byte[] mutation = Mutator.Mutate(Seeds[random.Next(Seeds.Length)], Seeds, random);
            ProxyOutcome outcome = ProxyOutcome.Of(mutation);
            if (outcome.Status != ProxyHeaderStatus.Complete)
                continue;
            complete++;
            Assert.Equal(outcome, ProxyOutcome.Of(mutation.AsSpan(0, outcome.Bytes)));
            Assert.Equal(ProxyHeaderStatus.Incomplete, ProxyOutcome.Of(mutation.AsSpan(0, outcome.Bytes - 1)).Status);
        }
        // A mutator that breaks everything at the first byte would prove nothing.
        Assert.InRange(complete, MutationsEachSeed / 10, MutationsEachSeed * 9 / 10);
    }
}
