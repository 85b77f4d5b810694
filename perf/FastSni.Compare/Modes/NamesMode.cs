using FastSni.Compare.Contenders;
using FastSni.Compare.Running;
using FastSni.Reports;

namespace FastSni.Compare.Modes;

/// <summary>A big name table beside a small one: time to load, memory, and whether a connection notices.</summary>
internal sealed class NamesMode(string name) : Mode(name, "A big table of names, each connection another name")
{
    private const int FewNames = 10;

    public override IReadOnlyList<Metric> Metrics { get; } =
    [
        new("ready", "exec to first answer s", "0.000"),
        new("resident", "RSS MiB", "0.0"),
        new("cpu", "CPU µs/connection", "0.0") { IsCompared = true },
        new("fewCpu", $"CPU µs/connection with {FewNames} names", "0.0"),
        new("growth", $"many ÷ {FewNames} names", "0.00"),
        new("names", "names", "0"),
    ];

    public override Sample Measure(Contender contender, Bench bench)
    {
        Measurement few = MeasureTable(contender, bench, bench.NamesOf(FewNames));
        Measurement many = MeasureTable(contender, bench, bench.NamesOf(bench.Options.Names));
        return new(new Dictionary<string, double>
        {
            ["ready"] = many.ReadySeconds,
            ["resident"] = many.ResidentMib,
            ["cpu"] = many.CpuMicroseconds,
            ["fewCpu"] = few.CpuMicroseconds,
            ["growth"] = many.CpuMicroseconds / few.CpuMicroseconds,
            ["names"] = bench.Options.Names,
        })
        { Remarks = [.. few.Remarks, .. many.Remarks] };
    }

    private static Measurement MeasureTable(Contender contender, Bench bench, NameTable names)
    {
        Traffic traffic = ModeCatalogue.ShortConnections;
        Site site = bench.NewSite() with { Names = names };
        using Launched backend = bench.Load.StartBackend(traffic, site);
        (Launched starter, StartResult start) = bench.StartTimed(contender, site, traffic);
        using (starter)
        {
            IReadOnlyList<int> pids = ProcessTree.Pids(start.Pid);
            LoadResult result = bench.Load.RunClient(traffic, site.ListenAddress, bench.Window, names, pids);
            double resident = ProcessTree.ResidentMib(pids);
            starter.EndInputAndWait();
            if (result.Units == 0)
                throw new MeasurementException($"no connection was answered with {names.Count} names");
            return new(start.AnsweredMs / 1e3, resident, result.CpuNs / 1e3 / result.Units,
                result.Failed == 0 ? [] : [$"{result.Failed} connections failed with {names.Count} names"]);
        }
    }

    private sealed record Measurement(double ReadySeconds, double ResidentMib, double CpuMicroseconds, IReadOnlyList<string> Remarks);
}
