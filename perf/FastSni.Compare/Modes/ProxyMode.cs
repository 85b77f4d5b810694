using FastSni.Compare.Contenders;
using FastSni.Compare.Running;
using FastSni.Reports;

namespace FastSni.Compare.Modes;

/// <summary>
/// What a PROXY header costs a short connection. Two processes of a contender, one that sends it and one that does not, wait side by side and are
/// asked in turn: two, because not everybody can do both in one.
/// </summary>
internal sealed class ProxyMode(string name)
    : Mode(name, "Short connections with a PROXY header (v2; nginx has v1 only), in short windows with and without")
{
    private static readonly Traffic Traffic = ModeCatalogue.ShortConnections with { IsUrgent = true };

    public override IReadOnlyList<Metric> Metrics { get; } =
    [
        new("cpu", "CPU µs/connection", "0.0") { IsCompared = true },
        new("withoutCpu", "CPU µs/connection without", "0.0"),
        new("proxyGrowth", "CPU with ÷ without", "0.000"),
    ];

    public override Sample Measure(Contender contender, Bench bench)
    {
        Window window = bench.Window.Part(Pairs.Count);
        long failed = 0;
        using Stand without = Start(sendsProxy: false);
        using Stand with = Start(sendsProxy: true);
        (double plain, double proxied, double growth) = Pairs.Alternate(() => CpuMicroseconds(without), () => CpuMicroseconds(with));
        return new(new Dictionary<string, double> { ["cpu"] = proxied, ["withoutCpu"] = plain, ["proxyGrowth"] = growth })
        {
            Remarks = failed == 0 ? [] : [$"{failed} connections failed"],
        };

        Stand Start(bool sendsProxy) =>
            Stand.Start(contender, bench, bench.Load, Traffic, bench.NewSite() with { SendsProxy = sendsProxy }, bench.UrgentWorker);

        double CpuMicroseconds(Stand stand)
        {
            LoadResult result = bench.Load.RunClient(Traffic, stand.Address, window, names: null, stand.Pids);
            failed += result.Failed;
            return result.Units == 0 ? throw new MeasurementException("nothing was done in a window") : result.CpuNs / 1e3 / result.Units;
        }
    }
}
