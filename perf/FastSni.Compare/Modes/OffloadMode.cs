using System.Diagnostics;
using FastSni.Compare.Contenders;
using FastSni.Compare.Running;

namespace FastSni.Compare.Modes;

/// <summary>HTTPS load for a while, an HTTP backend behind; CPU time of the contender's processes per request.</summary>
internal sealed class OffloadMode(string name, string title, HttpTraffic traffic) : Mode(name, title)
{
    // Pools fill, caches warm and lazy parts start before anything is counted.
    private const int WarmupSeconds = 1;

    public override IReadOnlyList<Metric> Metrics { get; } =
    [
        new("cpu", "CPU µs/request", "0.0") { IsCompared = true },
        new("rate", "requests/s", "0"),
        .. traffic.TellsLatency ? new Metric[] { new("p50", "p50 µs", "0"), new("p99", "p99 µs", "0") } : [],
        new("busy", "CPU busy", "0%"),
        new("resident", "RSS MiB", "0.0"),
    ];

    public override string? Absence => traffic.Absence;

    public override bool Takes(Contender contender) => contender.EndsTls;

    public override Sample Measure(Contender contender, Bench bench)
    {
        Site site = bench.NewSite() with { Certificate = bench.Certificate, Forwards = false };
        using Launched backend = Nginx.StartBackend(site, bench.Options.LoadCpu);
        using Launched running = bench.StartReady(contender, site, Place.On(bench.Options.WorkerCpu));
        using (HttpRun warmup = bench.HttpLoad.Start(traffic, site, WarmupSeconds))
            HttpLoad.Finish(warmup);

        IReadOnlyList<int> pids = ProcessTree.Pids(running.Pid);
        double cpu = ProcessTree.CpuSeconds(pids);
        long begin = Stopwatch.GetTimestamp();
        using HttpRun run = bench.HttpLoad.Start(traffic, site, bench.Options.Seconds);
        HttpResult result = HttpLoad.Finish(run);
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        cpu = ProcessTree.CpuSeconds(pids) - cpu;

        Dictionary<string, double> values = new()
        {
            ["cpu"] = cpu * 1e6 / result.Requests,
            ["rate"] = result.Requests / seconds,
            ["busy"] = cpu / seconds,
            ["resident"] = ProcessTree.ResidentMib(pids),
        };
        if (result is { P50Us: double p50, P99Us: double p99 })
            (values["p50"], values["p99"]) = (p50, p99);
        return new(values) { Remarks = result.Failed == 0 ? [] : [$"{result.Failed} requests failed beside {result.Requests}"] };
    }
}
