using FastSni.Compare.Contenders;
using FastSni.Compare.Running;

namespace FastSni.Compare.Modes;

/// <summary>TLS connections that made one request and then keep silent: what each costs in memory, and whether anything wakes up.</summary>
internal sealed class OffloadIdleMode(string name) : Mode(name, "HTTPS, idle connections after one request each")
{
    private const int ConnectionsMax = 2000;

    // What comes with the first requests is no connection's.
    private const int WarmupConnections = 50;

    // Programs have timers of several seconds.
    private const int WatchFactor = 3;

    private const double BytesPerMib = 1024 * 1024;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    public override IReadOnlyList<Metric> Metrics { get; } =
    [
        new("perConnection", "RSS bytes/connection", "0") { IsCompared = true },
        new("before", "RSS before MiB", "0.0"),
        new("with", "RSS with them MiB", "0.0"),
        new("connections", "connections", "0"),
        new("wakeups", "wake-ups/s", "0.0"),
    ];

    public override string? Absence => File.Exists(Nginx.Program) ? null : $"{Nginx.Program} is not installed";

    public override bool Takes(Contender contender) => contender.EndsTls;

    public override Sample Measure(Contender contender, Bench bench)
    {
        Site site = bench.NewSite() with { Certificate = bench.Certificate, Forwards = false };
        int connections = Math.Min(Math.Min(bench.Options.IdleConnections, ConnectionsMax), bench.SessionsMax);
        using Launched backend = Nginx.StartBackend(site, bench.Options.LoadCpu);
        using Launched running = bench.StartReady(contender, site, Place.On(bench.Options.WorkerCpu));
        IReadOnlyList<int> pids = ProcessTree.Pids(running.Pid);
        TlsCrowd.Open(site, WarmupConnections).Dispose();
        Thread.Sleep(Settling);
        double before = ProcessTree.ResidentMib(pids);

        using TlsCrowd crowd = TlsCrowd.Open(site, connections);
        Thread.Sleep(Settling);
        double with = ProcessTree.ResidentMib(pids);
        double wakeups = ProcessTree.WakeUpsPerSecond(pids, TimeSpan.FromSeconds(bench.Options.Seconds * WatchFactor));
        int ended = crowd.CountEnded();
        return new(new Dictionary<string, double>
        {
            ["perConnection"] = (with - before) * BytesPerMib / connections,
            ["before"] = before,
            ["with"] = with,
            ["connections"] = connections,
            ["wakeups"] = wakeups,
        })
        { Remarks = ended == 0 ? [] : [$"{ended} connections were ended meanwhile"] };
    }
}
