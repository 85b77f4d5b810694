using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

/// <summary>Seeded, so that a failure comes again: what <see cref="Outcome.Of"/> asserts holds for every mutation.</summary>
public class ClientHelloMutationTests
{
    private const int MutationsEachSeed = 35_000;

    // Mutations of the few large inputs would take most of the time and find nothing that the small ones do not.
    private static readonly CorpusRow[] Seeds = [.. CorpusRow.All.Where(row => row.Bytes.Length <= 2048)];

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
            byte[] stream = Mutate(HelloBuilder.Stream(Seeds[random.Next(Seeds.Length)].Bytes), random);
            Outcome one = Outcome.Of(HelloBuilder.RandomRecords(stream, random));
            Outcome other = Outcome.Of(HelloBuilder.RandomRecords(stream, random));
            Assert.Equal((one.Status, one.Name, one.Alpn), (other.Status, other.Name, other.Alpn));
        }
    }

    private static byte[] Mutation(Random random)
    {
        byte[] seed = Seeds[random.Next(Seeds.Length)].Bytes;
        if (random.Next(4) == 0)
            seed = HelloBuilder.RandomRecords(HelloBuilder.Stream(seed), random);
        return Mutate(seed, random);
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        List<byte> bytes = [.. seed];
        for (int change = random.Next(1, 4); change > 0 && bytes.Count > 0; change--)
            Change(bytes, random);
        return [.. bytes];
    }

    private static void Change(List<byte> bytes, Random random)
    {
        int at = random.Next(bytes.Count);
        int count = Math.Min(random.Next(1, 16), bytes.Count - at);
        switch (random.Next(8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes[at] = new byte[] { 0, 1, 0x16, 0x40, 0x7F, 0x80, 0xFF }[random.Next(7)];
                break;
            case 3:
                bytes[at]++;
                break;
            case 4:
                bytes.RemoveRange(at, count);
                break;
            case 5:
                bytes.InsertRange(at, bytes.GetRange(at, count));
                break;
            case 6:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                bytes.InsertRange(at, Seeds[random.Next(Seeds.Length)].Bytes.Take(count));
                break;
        }
    }
}
