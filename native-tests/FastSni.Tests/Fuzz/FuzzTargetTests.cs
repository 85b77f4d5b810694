using FastSni.Fuzz;
using Xunit;

namespace FastSni.Tests.Fuzz;

/// <summary>A short run of every fuzz target, seeded, so that a failure comes again; native-tests/FastSni.Fuzz/README.md has the long one.</summary>
public class FuzzTargetTests
{
    private const int SeedBytesMax = 4096;
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("FASTSNI_LONG") == "1";

    [Theory]
    [InlineData("hello")]
    [InlineData("proxy")]
    [InlineData("ini")]
    public void Every_input_to_start_from_keeps_the_invariants(string name)
    {
        using FuzzTarget target = FuzzTarget.Find(name)!;
        int count = 0;
        foreach (byte[] seed in target.Seeds)
        {
            Run(target, seed, $"seed {count}");
            count++;
        }
        Assert.NotEqual(0, count);
    }

    [Theory]
    [InlineData("hello", 11, 20_000)]
    [InlineData("proxy", 12, 50_000)]
    [InlineData("ini", 13, 300)]
    public void Mutations_keep_the_invariants(string name, int randomSeed, int count)
    {
        using FuzzTarget target = FuzzTarget.Find(name)!;
        byte[][] seeds = [.. target.Seeds.Where(seed => seed.Length <= SeedBytesMax)];
        var random = new Random(randomSeed);
        for (int number = 0; number < (IsLong ? 20 * count : count); number++)
            Run(target, Mutator.Mutate(seeds[random.Next(seeds.Length)], seeds, random), $"random seed {randomSeed}, mutation {number}");
    }

    private static void Run(FuzzTarget target, byte[] input, string which)
    {
        if (Record.Exception(() => target.Run(input)) is { } exception)
            Assert.Fail($"{which}: {exception}\ninput: {Convert.ToHexString(input)}");
    }
}
