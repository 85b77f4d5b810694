using System.Globalization;
using System.Text.Json.Serialization;
using FastSni.Reports;

namespace FastSni.LoadTests.Load;

/// <summary>What became of one scenario. Latencies are of good steps, in milliseconds.</summary>
/// <param name="StartedLate">Steps of the open model that began later than due; their latency counts from when they were due.</param>
/// <param name="Curve">Latency by percentile, in the order of both.</param>
internal sealed record LoadResult(
    string Scenario, string Description, string Model, double Seconds, long Ok, long Failed, IReadOnlyDictionary<string, long> Failures, long StartedLate, long NotStarted,
    long Bytes, double P50, double P90, double P99, double P999, double Max, IReadOnlyList<long> OkBySecond, IReadOnlyList<CurvePoint> Curve)
{
    private const double NinesPerPoint = 0.05;

    public double RatePerSecond => Ok / Seconds;

    /// <param name="seconds">Measured ones: fewer than planned if it was interrupted.</param>
    public static LoadResult Of(Scenario scenario, LoadPlan plan, LoadTally tally, double seconds) => new(
        scenario.Name, scenario.Description, plan.Model.ToString()!, seconds, tally.Ok, tally.Failed, tally.Failures, tally.StartedLate, tally.NotStarted, tally.Bytes,
        tally.LatencyAt(50), tally.LatencyAt(90), tally.LatencyAt(99), tally.LatencyAt(99.9), tally.LatencyAt(100), [.. tally.OkBySecond],
        [.. Percentiles(tally.Ok).Select(percentile => new CurvePoint(percentile, tally.LatencyAt(percentile)))]);

    /// <summary>As rows of the table that all scenarios share.</summary>
    public static Table Table(IReadOnlyList<LoadResult> results) => new("Load",
        ["scenario", "load", "ok", "failed", "ok/s", "MB", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms", "started late", "not started"],
        [.. results.Select(result => (string[])[result.Scenario, result.Model, N(result.Ok), N(result.Failed), N(result.RatePerSecond), F(result.Bytes / 1e6), F(result.P50),
            F(result.P90), F(result.P99), F(result.P999), F(result.Max), N(result.StartedLate), N(result.NotStarted)])],
        [.. results.SelectMany(result => result.Failures.Select(failure => $"{result.Scenario}: {N(failure.Value)} × {failure.Key}"))]);

    // As far as there are steps to tell the percentile by.
    private static IEnumerable<double> Percentiles(long count)
    {
        for (double nines = 0; nines <= Math.Log10(Math.Max(count, 1)); nines += NinesPerPoint)
            yield return 100 * (1 - Math.Pow(10, -nines));
    }

    private static string N(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string F(double value) => value.ToString("#,0.00", CultureInfo.InvariantCulture);
}

internal sealed record CurvePoint(double Percentile, double Milliseconds);

/// <summary>report.json.</summary>
/// <param name="Started">UTC.</param>
internal sealed record LoadReport(DateTimeOffset Started, IReadOnlyList<string> Machine, IReadOnlyList<LoadResult> Results);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LoadReport))]
internal sealed partial class LoadReportJson : JsonSerializerContext;
