using System.Globalization;
using FastSni.Compare.Contenders;
using FastSni.Compare.Running;
using FastSni.Reports;

namespace FastSni.Compare.Modes;

/// <summary>System calls per unit of work, counted by strace. It slows everything down: only the counts mean anything.</summary>
internal sealed class SyscallsMode(string name) : Mode(name, "System calls (strace -c)")
{
    private static readonly TimeSpan AttachPatience = TimeSpan.FromSeconds(5), SummaryPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AttachPoll = TimeSpan.FromMilliseconds(10);

    // Enough connections that those under way at the end do not show; bulk, which has no units, runs for the whole time.
    private static readonly Window Window = new(WarmupSeconds: 0, Seconds: 4, UnitsMax: 10_000);

    private const double RemarkFrom = 0.05;   // Calls per unit worth naming.

    private static readonly (string Key, string Unit, Traffic Traffic)[] Works =
    [
        ("connection", "connection", ModeCatalogue.ShortConnections),
        ("megabyte", "MB, 16 streams", ModeCatalogue.ManyStreams),
        ("small", "64 B round trip", ModeCatalogue.SmallRoundTrips),
        ("medium", "16 KiB round trip", ModeCatalogue.MediumRoundTrips),
    ];

    public override bool IsExact => true;

    public override IReadOnlyList<Metric> Metrics { get; } = [.. Works.Select(work => new Metric(work.Key, $"calls/{work.Unit}", "0.0"))];

    public override Sample Measure(Contender contender, Bench bench)
    {
        Dictionary<string, double> values = [];
        List<string> remarks = [];
        foreach ((string key, string unit, Traffic traffic) in Works)
        {
            (double units, IReadOnlyDictionary<string, long> calls) = Count(contender, bench, traffic);
            values[key] = calls.Values.Sum() / units;
            string list = string.Join(", ", calls.Where(call => call.Value / units >= RemarkFrom).OrderByDescending(call => call.Value)
                .Select(call => $"{call.Key} {(call.Value / units).ToString("0.0#", CultureInfo.InvariantCulture)}"));
            remarks.Add($"per {unit}: {list}");
        }
        return new(values) { Remarks = remarks };
    }

    private static (double Units, IReadOnlyDictionary<string, long> Calls) Count(Contender contender, Bench bench, Traffic traffic)
    {
        Site site = bench.NewSite();
        using Launched backend = bench.Load.StartBackend(traffic, site);
        using Launched running = bench.StartReady(contender, site, Place.On(bench.Options.WorkerCpu));
        IReadOnlyList<int> pids = ProcessTree.Pids(running.Pid);
        string summary = Path.Combine(site.Directory, "strace.txt");
        CommandLine strace = new("strace", ["-f", "-c", "-o", summary, .. pids.SelectMany(pid => new[] { "-p", $"{pid}" })]);
        using Launched tracer = Launched.Silent(strace, Place.On(bench.Options.LoadCpu), Path.Combine(site.Directory, "strace.log"));
        AwaitAttached(pids, tracer);
        LoadResult result = bench.Load.RunClient(traffic, site.ListenAddress, Window, site.Names, []);
        // strace writes its summary when nothing is left to trace.
        running.End();
        if (!tracer.WaitForExit(SummaryPatience))
            throw new MeasurementException("strace did not end");
        double units = traffic.ClientMode == "bulk" ? result.Bytes / 1e6 : result.Units;
        return units > 0 ? (units, ParseSummary(summary)) : throw new MeasurementException("nothing was done under strace");
    }

    private static void AwaitAttached(IReadOnlyList<int> pids, Launched tracer)
    {
        for (TimeSpan waited = TimeSpan.Zero; !ProcessTree.IsTraced(pids); waited += AttachPoll)
        {
            if (tracer.HasExited || waited > AttachPatience)
                throw new MeasurementException($"strace could not attach: {tracer.LogTail}");
            Thread.Sleep(AttachPoll);
        }
    }

    // "% time seconds usecs/call calls [errors] syscall", a ruler above and below, and a total.
    private static Dictionary<string, long> ParseSummary(string path)
    {
        Dictionary<string, long> calls = [];
        foreach (string line in File.ReadLines(path))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 5 && words[^1] != "total" && long.TryParse(words[3], CultureInfo.InvariantCulture, out long count))
                calls[words[^1]] = count;
        }
        return calls;
    }
}
