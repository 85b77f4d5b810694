using System.Collections.Concurrent;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Hellos broken at random, always the same ones.</summary>
[Collection(Alone.Name)]
public sealed class MutationTests
{
    private const int Seed = 20_261_123;
    private const long RoomBytes = 5 * 1024 * 1024;

    [Fact]
    public async Task Mutated_hellos_neither_crash_nor_mislead_nor_leak()
    {
        byte[][] seeds = [.. Corpus.Hellos.Where(row => row.Bytes.Length < 2_000).Select(row => row.Bytes)];
        await using CorpusStage stage = await CorpusStage.StartAsync(Corpus.Hellos, helloTimeout: "2s", workers: 2);
        HashSet<string> names = [.. stage.Names];
        // The first round fills pools and heaps; what it leaves is the base.
        await PlayAsync(stage, names, seeds, new Random(Seed - 1), Scale.Of(500, 5_000));
        await Task.Delay(500);
        (int descriptors, long memory) = (stage.Gateway.Facts.Descriptors, stage.Gateway.Facts.ResidentBytes);

        await PlayAsync(stage, names, seeds, new Random(Seed), Scale.Of(3_000, 100_000));

        stage.AssertNoFaults();
        await stage.Gateway.Facts.DescriptorsBackToAsync(descriptors);
        long grown = stage.Gateway.Facts.ResidentBytes - memory;
        Assert.True(grown <= RoomBytes, $"memory grew by {grown} bytes");
    }

    private static async Task PlayAsync(CorpusStage stage, HashSet<string> names, byte[][] seeds, Random random, int count)
    {
        byte[][] mutants = [.. Enumerable.Range(0, count).Select(_ => Mutate(seeds[random.Next(seeds.Length)], random))];
        ConcurrentBag<string> complaints = [];
        await Parallel.ForEachAsync(mutants, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (mutant, _) =>
        {
            Outcome outcome = await stage.PlayAsync(mutant, (client, hello) => client.TrySendAsync(hello), endsAfterwards: true);
            (HelloVerdict verdict, string? name) = ReferenceHello.Read(mutant);
            if (outcome.Route is not null && (outcome.Route != Door(verdict, name, names) || !outcome.Received!.AsSpan().SequenceEqual(mutant)))
                complaints.Add($"{Convert.ToHexString(mutant)}: read as {verdict} '{name}', routed to {outcome.Route}");
        });
        Assert.True(complaints.IsEmpty, string.Join('\n', complaints.Take(5)));
    }

    private static string? Door(HelloVerdict verdict, string? name, HashSet<string> names) => verdict switch
    {
        HelloVerdict.NoSni => CorpusStage.NoName,
        HelloVerdict.Sni => names.TryGetValue(Canonical(name!), out string? known) ? known : CorpusStage.Unknown,
        _ => null,
    };

    private static string Canonical(string name) => (name.EndsWith('.') ? name[..^1] : name).ToLowerInvariant();

    /// <summary>One to four small harms: a byte changed, a bit flipped, a piece left out, doubled or put in, the end cut off.</summary>
    private static byte[] Mutate(byte[] original, Random random)
    {
        List<byte> bytes = [.. original];
        for (int harms = random.Next(1, 5); harms > 0 && bytes.Count > 8; harms--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 9), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveRange(at, length); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 4: bytes.Insert(at, (byte)random.Next(256)); break;
                default: bytes.RemoveRange(bytes.Count - length, length); break;
            }
        }
        return [.. bytes];
    }
}
