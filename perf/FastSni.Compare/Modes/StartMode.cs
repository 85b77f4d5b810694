using FastSni.Compare.Contenders;
using FastSni.Compare.Running;

namespace FastSni.Compare.Modes;

/// <summary>From exec to an open port and to the first answer through it; then the memory a rested program takes.</summary>
internal sealed class StartMode(string name) : Mode(name, "Start, and memory at rest")
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    public override IReadOnlyList<Metric> Metrics { get; } =
    [
        new("listening", "exec to first connection ms", "0.0"),
        new("answered", "exec to first answer ms", "0.0"),
        new("rest", "RSS at rest MiB", "0.0"),
    ];

    public override Sample Measure(Contender contender, Bench bench)
    {
        Site site = bench.NewSite();
        using Launched backend = bench.Load.StartBackend(ModeCatalogue.ShortConnections, site);
        (Launched starter, StartResult result) = bench.StartTimed(contender, site, ModeCatalogue.ShortConnections);
        using (starter)
        {
            Thread.Sleep(Rest);
            double resident = ProcessTree.ResidentMib(ProcessTree.Pids(result.Pid));
            starter.EndInputAndWait();
            return new(new Dictionary<string, double> { ["listening"] = result.ListeningMs, ["answered"] = result.AnsweredMs, ["rest"] = resident });
        }
    }
}
