using FastSni.Compare.Contenders;
using FastSni.Compare.Running;
using FastSni.Reports;

namespace FastSni.Compare.Modes;

internal enum TrafficCost { Connections, Bytes, RoundTrips, Latency }

/// <summary>Load for a while; CPU time of the contender's processes per unit of work done in the same window.</summary>
internal sealed class TrafficMode(string name, string title, Traffic traffic, TrafficCost cost) : Mode(name, title)
{
    private const string Cpu = "cpu", Rate = "rate", P50 = "p50", P99 = "p99", Busy = "busy";

    /// <summary>The contender shares the CPU of client and backend: no wake-up crosses CPUs, and latency is the sum of what is done.</summary>
    public bool IsOnLoadCpu { get; init; }

    protected override bool TakesDirect => true;

    public override IReadOnlyList<Metric> Metrics { get; } = cost switch
    {
        TrafficCost.Connections => [CpuMicroseconds("connection"), new(Rate, "connections/s", "0"), .. Latencies, BusyShare],
        TrafficCost.Bytes => [new(Cpu, "CPU s/GB", "0.000") { IsCompared = true }, new(Rate, "GB/s", "0.00") { IsCompared = true }, BusyShare],
        TrafficCost.RoundTrips => [CpuMicroseconds("round trip"), new(Rate, "round trips/s", "0"), .. Latencies, BusyShare],
        TrafficCost.Latency => [new(P50, "p50 µs", "0.0") { IsOverDirect = true }, new(P99, "p99 µs", "0.0"), CpuMicroseconds("round trip")],
        _ => throw new ArgumentOutOfRangeException(nameof(cost)),
    };

    private static Metric[] Latencies => [new(P50, "p50 µs", "0"), new(P99, "p99 µs", "0")];

    // CPU per unit falls as a worker fills up: compare only what was equally busy.
    private static Metric BusyShare => new(Busy, "CPU busy", "0%");

    private static Metric CpuMicroseconds(string unit) => new(Cpu, $"CPU µs/{unit}", "0.0") { IsCompared = true };

    public override Sample Measure(Contender contender, Bench bench)
    {
        Place place = Place.On(IsOnLoadCpu ? bench.Options.LoadCpu : bench.Options.WorkerCpu);
        using Stand stand = Stand.Start(contender, bench, bench.Load, traffic, bench.NewSite(), place);
        return ToSample(bench.Load.RunClient(traffic, stand.Address, bench.Window, names: null, stand.Pids), contender);
    }

    private Sample ToSample(LoadResult result, Contender contender)
    {
        double work = cost == TrafficCost.Bytes ? result.Bytes : result.Units;
        if (work == 0)
            throw new MeasurementException($"nothing was done in {result.Seconds:0.0} s");
        Dictionary<string, double> values = new()
        {
            [Rate] = work / result.Seconds / (cost == TrafficCost.Bytes ? 1e9 : 1),
            [P50] = result.P50Us,
            [P99] = result.P99Us,
        };
        if (contender is not DirectContender)
        {
            values[Cpu] = cost == TrafficCost.Bytes ? result.CpuNs / work : result.CpuNs / 1e3 / work;
            values[Busy] = result.CpuNs / 1e9 / result.Seconds;
        }
        return new(values) { Remarks = result.Failed == 0 ? [] : [$"{result.Failed} connections failed beside {result.Units} units"] };
    }
}
