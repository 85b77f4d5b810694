using FastSni.Compare.Contenders;
using FastSni.Compare.Running;

namespace FastSni.Compare.Modes;

/// <summary>Thousands of established, silent connections: what each costs in memory, and whether anything wakes up.</summary>
internal sealed class IdleMode(string name) : Mode(name, "Idle connections")
{
    // A contender that keeps descriptors aside for its pipes has a lower limit of its own; nobody is to be at his.
    private const double FilledShare = 0.85;

    private const double BytesPerMib = 1024 * 1024;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);
    private static readonly Traffic Silence = new("hold", "idle", 1) { ResponseBytes = 1 };

    public override IReadOnlyList<Metric> Metrics { get; } =
    [
        new("perConnection", "RSS bytes/connection", "0") { IsCompared = true },
        new("before", "RSS before MiB", "0.0"),
        new("with", "RSS with them MiB", "0.0"),
        new("connections", "connections", "0"),
        new("wakeups", "wake-ups/s", "0.0"),
    ];

    public override Sample Measure(Contender contender, Bench bench)
    {
        Site site = bench.NewSite();
        int connections = Math.Min(bench.Options.IdleConnections, (int)(bench.SessionsMax * FilledShare));
        using Launched backend = bench.Load.StartBackend(Silence, site);
        using Launched running = bench.StartReady(contender, site, bench.Options.WorkerCpu);
        IReadOnlyList<int> pids = ProcessTree.Pids(running.Pid);
        Thread.Sleep(Settling);
        double before = ProcessTree.ResidentMib(pids);

        using Launched client = bench.Load.HoldIdle(site.ListenAddress, connections);
        Thread.Sleep(Settling);
        double with = ProcessTree.ResidentMib(pids);
        TimeSpan watched = TimeSpan.FromSeconds(bench.Options.Seconds);
        long switches = ProcessTree.ContextSwitches(pids);
        Thread.Sleep(watched);
        switches = ProcessTree.ContextSwitches(pids) - switches;

        return new(new Dictionary<string, double>
        {
            ["perConnection"] = (with - before) * BytesPerMib / connections,
            ["before"] = before,
            ["with"] = with,
            ["connections"] = connections,
            ["wakeups"] = switches / watched.TotalSeconds,
        });
    }
}
