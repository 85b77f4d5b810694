using System.Globalization;
using System.Text.RegularExpressions;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>The soak of perf/FastSni.LoadTests at a size for every day; with FASTSNI_LONG=1 ten minutes at full size. It has its own verdict.</summary>
[Collection(Alone.Name)]
public sealed partial class SoakTests
{
    private static readonly string[] EverydaySize =
        ["--seconds", "40", "--passthrough", "60", "--idle", "20", "--offload", "12", "--plain", "4", "--hostile", "4", "--drain-seconds", "8"];
    private static readonly TimeSpan Patience = Scale.IsLong ? TimeSpan.FromMinutes(20) : TimeSpan.FromMinutes(6);

    [SkippableFact]
    public async Task A_soak_with_reloads_bans_aborts_and_an_upgrade_finds_nothing_unexpected()
    {
        (int exitCode, string output) = await LoadTestsProgram.RunAsync(
            "soak", ["--fastsni", GatewayBinary.Path, .. Scale.IsLong ? ["--minutes", "10"] : EverydaySize], Patience);

        Match verdict = Verdict().Match(output);
        Assert.True(exitCode == 0 && verdict.Success, $"exit {exitCode}\n{output}");
        // It drove something: a soak without load finds nothing either.
        Assert.InRange(Count("done"), 200, long.MaxValue);
        Assert.InRange(Count("reloads"), 2, long.MaxValue);
        Assert.InRange(Count("bans"), 2, long.MaxValue);
        Assert.InRange(Count("rotations"), 2, long.MaxValue);
        Assert.Equal(1, Count("upgrades"));
        Assert.Equal(0, Count("unexpected"));

        long Count(string name) => long.Parse(verdict.Groups[name].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"verdict: met; done (?<done>\d+), expected \d+, unexpected (?<unexpected>\d+), reloads (?<reloads>\d+), upgrades (?<upgrades>\d+), bans (?<bans>\d+), rotations (?<rotations>\d+)")]
    private static partial Regex Verdict();
}
