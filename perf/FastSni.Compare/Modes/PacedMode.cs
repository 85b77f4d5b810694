using FastSni.Compare.Contenders;
using FastSni.Compare.Running;

namespace FastSni.Compare.Modes;

/// <summary>
/// Latency at a fixed rate (open loop), counted from when a request was due. The rate is a share of what nginx reaches in a closed loop in the same
/// run, and the same for everybody: at a share of his own capacity the fastest would be asked for the most, and look the slowest.
/// Everybody runs under SCHED_FIFO: a few milliseconds of the scheduler's would otherwise be everybody's p99.9.
/// </summary>
internal sealed class PacedMode(string name, string title, Traffic closed, string clientMode, double share) : Mode(name, title)
{
    private const int CapacityWindows = 3;

    // How much of what the client says of others it may itself be late by.
    private const double LateShareMax = 0.5;

    public override IReadOnlyList<Metric> Metrics { get; } =
    [
        new("p50", "p50 µs", "0"),
        new("p99", "p99 µs", "0"),
        new("p999", "p99.9 µs", "0") { IsCompared = true },
        new("rate", "rate/s", "0"),
        new("cpu", "CPU µs/unit", "0.0") { IsCompared = true },
        new("busy", "CPU busy", "0%"),
        new("late", "the client late by, p99.9 µs", "0"),
    ];

    protected override bool TakesDirect => true;

    public override string? Absence => Pacemaker.Absence is string absence ? $"its rate is a share of nginx's, and {absence}" : null;

    private static NginxContender Pacemaker => new(ContenderCatalogue.Nginx);

    public override Sample Measure(Contender contender, Bench bench)
    {
        double capacity = bench.CapacityOf(closed, () => Enumerable.Range(0, CapacityWindows).Max(_ => ClosedLoopRate(bench)));
        Traffic paced = closed with { ClientMode = clientMode, RatePerSecond = (int)(capacity * share), IsUrgent = true };
        LoadResult result = Run(paced, contender, bench);
        Dictionary<string, double> values = new()
        {
            ["p50"] = result.P50Us,
            ["p99"] = result.P99Us,
            ["p999"] = result.P999Us,
            ["rate"] = result.Units / result.Seconds,
            ["late"] = result.LateUs,
        };
        if (contender is not DirectContender)
        {
            values["cpu"] = result.CpuNs / 1e3 / result.Units;
            values["busy"] = result.CpuNs / 1e9 / result.Seconds;
        }
        return new(values) { Remarks = [.. Remarks(result)] };
    }

    private static IEnumerable<string> Remarks(LoadResult result)
    {
        if (result.Failed > 0)
            yield return $"{result.Failed} requests were not answered beside {result.Units}";
        if (result.LateUs > result.P999Us * LateShareMax)
            yield return $"p99.9 is the load's own: the client was late by {result.LateUs:0} µs";
    }

    private double ClosedLoopRate(Bench bench)
    {
        LoadResult result = Run(closed with { IsUrgent = true }, Pacemaker, bench);
        return result.Units / result.Seconds;
    }

    private static LoadResult Run(Traffic traffic, Contender contender, Bench bench)
    {
        using Stand stand = Stand.Start(contender, bench, bench.Load, traffic, bench.NewSite(), bench.UrgentWorker);
        return bench.Load.RunClient(traffic, stand.Address, bench.Window, names: null, stand.Pids);
    }
}
