using System.Globalization;
using FastSni.LoadTests.Staging;

namespace FastSni.LoadTests.Soak;

/// <summary>One question of the verdict.</summary>
internal sealed record SoakFinding(string Question, string Measured, string Bound, bool IsMet);

/// <summary>What is seen of the processes from outside, before, during and after the load.</summary>
internal sealed record SoakObservation
{
    public required SoakOptions Options { get; init; }
    public required GatewaySample Before { get; init; }
    /// <summary>Under load, in order.</summary>
    public required IReadOnlyList<GatewaySample> During { get; init; }
    /// <summary>Once everybody had left, or patience had ended.</summary>
    public required GatewaySample After { get; init; }
    public required bool IsAlive { get; init; }
    public required bool LeftAtStop { get; init; }
    /// <summary>Of the process that was upgraded; null if it was still there, or there was no upgrade.</summary>
    public required int? PredecessorExit { get; init; }
}

internal static class SoakVerdict
{
    private const double GrowthMibPerHour = 1, ShortRunNoiseMib = 24;
    private const int DescriptorsKept = 8, DescriptorsBeyondSessions = 64, ThreadsGrowthMax = 3;

    public static IReadOnlyList<SoakFinding> Judge(SoakObservation seen, Ledger ledger, SoakOperator acts)
    {
        GatewaySample[] measured = [.. seen.During.Where(sample => sample.Seconds >= seen.Options.WarmUp.TotalSeconds && sample.ProcessId == seen.After.ProcessId)];
        if (measured.Length < 6)
            return [new("samples behind the warm-up", $"{measured.Length}", "6 or more", false)];
        double hours = (measured[^1].Seconds - measured[0].Seconds) / 3600;
        double growth = SlopePerHour(measured) * hours;
        double allowed = GrowthAllowedMib(hours);
        double overhead = measured.Max(sample => sample.Descriptors - (2 * sample.Sessions));
        int overheadMax = seen.Before.Descriptors + DescriptorsBeyondSessions + (seen.Options.Offload + seen.Options.Passthrough) / 4;
        double threads = Median(measured.Skip(measured.Length / 2)) - Median(measured.Take(measured.Length / 2));
        return
        [
            new("unexpected errors", $"{ledger.UnexpectedCount}", "0", ledger.UnexpectedCount == 0),
            new("reloads, upgrades, bans", $"{acts.Reloads}, {acts.Upgrades}, {acts.Bans}", "some, 1, some", acts is { Reloads: > 0, Upgrades: 1, Bans: > 0 }),
            new("memory growth behind the warm-up (RSS, least squares)", Invariant($"{growth:0.00} MiB in {hours * 60:0.0} min, {growth / hours:0.00} MiB/h"),
                Invariant($"{allowed:0.00} MiB"), growth <= allowed),
            new("descriptors beyond two for each session, at most", Invariant($"{overhead:0}"), $"{overheadMax}", overhead <= overheadMax),
            new("descriptors after the load", $"{seen.After.Descriptors} ({seen.After.PipesIdle} pipes kept)",
                $"{DescriptorsMax(seen.Before, seen.After)} ({seen.Before.Descriptors} before, 2 for each pipe, and {DescriptorsKept})",
                seen.After.Descriptors <= DescriptorsMax(seen.Before, seen.After)),
            new("threads, second half against first (medians)", Invariant($"{threads:+0;-0;0}"), $"+{ThreadsGrowthMax}", threads <= ThreadsGrowthMax),
            new("sessions after the load", $"{seen.After.Sessions}", "0", seen.After.Sessions == 0),
            new("the process serves to the end, and leaves at SIGTERM", $"{(seen.IsAlive ? "serves" : "gone")}, {(seen.LeftAtStop ? "left" : "did not leave")}",
                "serves, left", seen.IsAlive && seen.LeftAtStop),
            new("exit code of the process that was upgraded", seen.PredecessorExit is int code ? $"{code}" : "none", "0", seen.PredecessorExit == 0),
        ];
    }

    /// <summary>What a gateway at rest may hold behind a load: as before it, a few for HTTP and a listener more, and the pipes it keeps for the next bulk.</summary>
    public static int DescriptorsMax(GatewaySample before, GatewaySample after) => before.Descriptors + DescriptorsKept + (2 * (int)after.PipesIdle);

    /// <summary>A megabyte an hour; in less than an hour the heap's own ups and downs count for more than its trend, the more so the shorter.</summary>
    internal static double GrowthAllowedMib(double hours) => (GrowthMibPerHour * hours) + (ShortRunNoiseMib * Math.Max(0, 1 - (hours / 0.8)));

    private static double SlopePerHour(GatewaySample[] samples)
    {
        double meanTime = samples.Average(sample => sample.Seconds), meanSize = samples.Average(sample => sample.ResidentMib);
        double covariance = samples.Sum(sample => (sample.Seconds - meanTime) * (sample.ResidentMib - meanSize));
        return 3600 * covariance / samples.Sum(sample => Math.Pow(sample.Seconds - meanTime, 2));
    }

    private static double Median(IEnumerable<GatewaySample> samples)
    {
        int[] threads = [.. samples.Select(sample => sample.Threads).Order()];
        return threads[threads.Length / 2];
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
