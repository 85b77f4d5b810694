using FastSni.Fuzz;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

/// <summary>Seeded, so that a failure comes again: what <see cref="Outcome.Of"/> asserts holds for every mutation.</summary>
public class ClientHelloMutationTests
{
    private const int MutationsEachSeed = 35_000;

    // Mutations of the few large inputs would take most of the time and find nothing that the small ones do not.
    private static readonly byte[][] Seeds = [.. CorpusRow.All.Select(row => row.Bytes).Where(bytes => bytes.Length <= 2048)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_mutation_of_a_hello_throws_or_yields_an_impossible_name(int seed)
    {
        var random = new Random(seed);
        int complete = 0;
        for (int count = 0; count < MutationsEachSeed; count++)
        {
            Outcome outcome = Outcome.Of(Mutation(random), Outcome.DefaultLimitBytes);
            if (outcome.Status == HelloStatus.Complete)
                complete++;
        }
        // A mutator that breaks everything at the first byte would prove nothing.
        Assert.InRange(complete, MutationsEachSeed / 10, MutationsEachSeed * 9 / 10);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void A_mutated_handshake_has_one_verdict_however_it_is_cut_into_records(int seed)
    {
        var random = new Random(seed);
        for (int count = 0; count < 10_000; count++)
        {
            byte[] stream = Mutator.Mutate(HelloBuilder.Stream(Seeds[random.Next(Seeds.Length)]), Seeds, random);
            Outcome one = Outcome.Of(HelloBuilder.RandomRecords(stream, random));
            Outcome other = Outcome.Of(HelloBuilder.RandomRecords(stream, random));
            Assert.Equal((one.Status, one.Name, one.Alpn), (other.Status, other.Name, other.Alpn));
        }
    }

    private static byte[] Mutation(Random random)
    {
        byte[] seed = Seeds[random.Next(Seeds.Length)];
        if (random.Next(4) == 0)
            seed = HelloBuilder.RandomRecords(HelloBuilder.Stream(seed), random);
        return Mutator.Mutate(seed, Seeds, random);
    }
}
