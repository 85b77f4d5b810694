using System.Diagnostics;
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
        (int exitCode, string output) = await RunAsync(Scale.IsLong ? ["--minutes", "10"] : EverydaySize);

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

    private static async Task<(int ExitCode, string Output)> RunAsync(string[] size)
    {
        string folder = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/'))!);
        string program = Path.Combine(GatewayBinary.RepositoryRoot, "perf/FastSni.LoadTests/bin", folder, "net10.0/FastSni.LoadTests.dll");
        if (!File.Exists(program))
            Tool.GiveUp($"{program} is not built, so there was no soak");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [program, "soak", "--fastsni", GatewayBinary.Path, .. size])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().Within("the soak to end", Patience);
            return (process.ExitCode, await output + await error);
        }
        finally
        {
            // At SIGTERM it ends what it has started; killed it would leave a gateway behind.
            if (!process.HasExited)
            {
                Posix.Send(Signal.Terminate, process.Id);
                await process.WaitForExitAsync().Within("the soak to end at SIGTERM", Patience);
            }
        }
    }

    [GeneratedRegex(@"verdict: met; done (?<done>\d+), expected \d+, unexpected (?<unexpected>\d+), reloads (?<reloads>\d+), upgrades (?<upgrades>\d+), bans (?<bans>\d+), rotations (?<rotations>\d+)")]
    private static partial Regex Verdict();
}
