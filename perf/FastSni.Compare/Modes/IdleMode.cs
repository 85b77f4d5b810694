using System.Diagnostics;
using FastSni.Compare.Contenders;
using FastSni.Compare.Running;
using FastSni.Reports;

namespace FastSni.Compare.Modes;

/// <summary>
/// Thousands of established, silent connections: what each costs in memory, and whether anything wakes up. Then all end and as many come again:
/// what stays in between is the table of their places (and what the allocator keeps), what comes and goes is the sessions' own.
/// </summary>
internal sealed class IdleMode(string name) : Mode(name, "Idle connections")
{
    // A contender that keeps descriptors aside for its pipes has a lower limit of its own; nobody is to be at his.
    private const double FilledShare = 0.85;

    // Descriptors that a contender may have gained for itself since it was started.
    private const int OwnDescriptorsMax = 100;

    // Programs have timers of several seconds.
    private const int WatchFactor = 3;

    // A program may look once at each new session, when its connect has had its time: that belongs to opening it. Idle is what comes behind.
    private static readonly TimeSpan FirstDeadlines = TimeSpan.FromSeconds(8);

    private const double BytesPerMib = 1024 * 1024;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1), EndPatience = TimeSpan.FromSeconds(20);
    private static readonly Traffic Silence = new("hold", "idle", 1) { ResponseBytes = 1 };

    public override IReadOnlyList<Metric> Metrics { get; } =
    [
        new("perConnection", "RSS bytes/connection", "0") { IsCompared = true },
        new("user", "anonymous bytes/connection", "0") { IsCompared = true },
        new("kept", "of these kept when all have ended", "0"),
        new("reopened", "anonymous bytes/connection that came again", "0"),
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
        using Launched running = bench.StartReady(contender, site, Place.On(bench.Options.WorkerCpu));
        IReadOnlyList<int> pids = ProcessTree.Pids(running.Pid);
        Thread.Sleep(Settling);
        (double before, double anonymousBefore) = (ProcessTree.ResidentMib(pids), ProcessTree.AnonymousMib(pids));
        int descriptors = ProcessTree.Descriptors(pids);

        double with, anonymousWith, wakeups;
        using (bench.Load.HoldIdle(site.ListenAddress, connections))
        {
            Thread.Sleep(Settling);
            (with, anonymousWith) = (ProcessTree.ResidentMib(pids), ProcessTree.AnonymousMib(pids));
            Thread.Sleep(FirstDeadlines);
            wakeups = ProcessTree.WakeUpsPerSecond(pids, TimeSpan.FromSeconds(bench.Options.Seconds * WatchFactor));
        }
        AwaitEnd(pids, descriptors + OwnDescriptorsMax);
        double anonymousAfter = ProcessTree.AnonymousMib(pids);
        using Launched again = bench.Load.HoldIdle(site.ListenAddress, connections);
        Thread.Sleep(Settling);
        double anonymousAgain = ProcessTree.AnonymousMib(pids);

        return new(new Dictionary<string, double>
        {
            ["perConnection"] = PerConnection(before, with),
            ["user"] = PerConnection(anonymousBefore, anonymousWith),
            ["kept"] = PerConnection(anonymousBefore, anonymousAfter),
            ["reopened"] = PerConnection(anonymousAfter, anonymousAgain),
            ["before"] = before,
            ["with"] = with,
            ["connections"] = connections,
            ["wakeups"] = wakeups,
        });

        double PerConnection(double lessMib, double moreMib) => (moreMib - lessMib) * BytesPerMib / connections;
    }

    private static void AwaitEnd(IReadOnlyList<int> pids, int descriptorsMax)
    {
        long begin = Stopwatch.GetTimestamp();
        while (ProcessTree.Descriptors(pids) > descriptorsMax)
        {
            if (Stopwatch.GetElapsedTime(begin) > EndPatience)
                throw new MeasurementException("the first connections were not ended");
            Thread.Sleep(Settling / 10);
        }
        Thread.Sleep(Settling);
    }
}
