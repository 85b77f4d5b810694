using FastSni.Compare.Contenders;
using FastSni.Compare.Running;

namespace FastSni.Compare.Modes;

/// <summary>
/// Passthrough at a moderate fixed rate, three times through one gateway: alone, beside full HTTPS load on the same gateway, and beside a stranger
/// that burns the same CPU. What offload does beyond being one more consumer of CPU is the difference of the last two.
/// </summary>
internal sealed class BothMode(string name)
    : Mode(name, "Passthrough latency (open loop) alone, beside offload load, beside a busy stranger on the same CPU")
{
    private static readonly Traffic Paced = new("echo", "paced", 32) { ResponseBytes = 64, RatePerSecond = 2000, IsUrgent = true };
    private static readonly HttpTraffic Offload = new(HttpClientKind.Http1, HttpTraffic.Small, 32);
    private static readonly CommandLine Stranger = new("sh", ["-c", "while :; do :; done"]);
    private static readonly TimeSpan RampUp = TimeSpan.FromSeconds(1);

    private const string Alone = "alone", BesideOffload = "offload", BesideStranger = "stranger";

    public override IReadOnlyList<Metric> Metrics { get; } =
    [
        .. new[] { Alone, BesideOffload, BesideStranger }.SelectMany(condition => new Metric[]
        {
            new(condition + "P50", condition + " p50 µs", "0"),
            new(condition + "P99", "p99 µs", "0"),
            new(condition + "P999", "p99.9 µs", "0"),
        }),
        new("growth", "p99.9 offload ÷ stranger", "0.00"),
        new("requests", "HTTPS/s", "0"),
    ];

    public override string? Absence => Offload.Absence;

    public override bool Takes(Contender contender) => contender.DoesBoth;

    public override Sample Measure(Contender contender, Bench bench)
    {
        Site site = bench.NewSite() with { Certificate = bench.Certificate };
        using Launched backend = bench.Load.StartBackend(Paced, site);
        using Launched httpBackend = Nginx.StartBackend(site, bench.Options.LoadCpu);
        using Launched running = bench.StartReady(contender, site, Place.On(bench.Options.WorkerCpu));
        Dictionary<string, double> values = [];
        List<string> remarks = [];

        MeasurePaced(Alone);

        double seconds = RampUp.TotalSeconds + bench.Options.WarmupSeconds + bench.Options.Seconds;
        using (HttpRun run = bench.HttpLoad.Start(Offload, site, seconds))
        {
            Thread.Sleep(RampUp);
            MeasurePaced(BesideOffload);
            HttpResult result = HttpLoad.Finish(run);
            values["requests"] = (double)result.Requests / run.Seconds;
            if (result.Failed > 0)
                remarks.Add($"{result.Failed} requests failed beside {result.Requests}");
        }

        using (Launched.Silent(Stranger, Place.On(bench.Options.WorkerCpu), Path.Combine(site.Directory, "stranger.log")))
            MeasurePaced(BesideStranger);
        values["growth"] = values[BesideOffload + "P999"] / values[BesideStranger + "P999"];
        return new(values) { Remarks = remarks };

        void MeasurePaced(string condition)
        {
            LoadResult result = bench.Load.RunClient(Paced, site.ListenAddress, bench.Window, site.Names, []);
            values[condition + "P50"] = result.P50Us;
            values[condition + "P99"] = result.P99Us;
            values[condition + "P999"] = result.P999Us;
            if (result.Failed > 0)
                remarks.Add($"{condition}: {result.Failed} round trips were not answered");
        }
    }
}
