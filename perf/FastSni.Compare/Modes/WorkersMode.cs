using FastSni.Compare.Contenders;
using FastSni.Compare.Running;
using FastSni.Reports;

namespace FastSni.Compare.Modes;

/// <summary>
/// Two workers against one, side by side and asked in turn by two clients with two backends. With four CPUs the workers have two of them for
/// themselves, and the rates tell how the gateway scales. With fewer everybody shares all: rates then tell what the load left over, and only
/// CPU per unit and the balance between the workers mean something.
/// </summary>
internal sealed class WorkersMode(string name, string title, Traffic traffic)
    : Mode(name, $"{title}, two workers against one{(HasRoom ? "" : $" (scaling is not shown: with {Machine.CpuCount} CPUs the load leaves no room)")}")
{
    private const int Workers = 2, Loads = 2, CpusForRoom = 4;

    // Below it the workers waited for the load, and scaling is at least what was measured.
    private const double BusyShareMin = 0.9;

    private static bool HasRoom => Machine.CpuCount >= CpusForRoom;

    public override IReadOnlyList<Metric> Metrics { get; } =
    [
        .. HasRoom ? new Metric[] { new("scaling", "rate of two ÷ one", "0.00"), new("busy", "CPU busy of two", "0%") } : [],
        new("cpu", "CPU µs/unit of two", "0.0") { IsCompared = true },
        new("oneCpu", "CPU µs/unit of one", "0.0"),
        new("cpuGrowth", "CPU two ÷ one", "0.00"),
        new("balance", "CPU share of the busier worker", "0%"),
    ];

    // limit has one worker and no option for more.
    public override bool Takes(Contender contender) => contender is NginxContender or HaproxyContender or FastSniContender;

    public override Sample Measure(Contender contender, Bench bench)
    {
        int[] cpus = [.. Enumerable.Range(0, Machine.CpuCount)];
        (int[] workerCpus, int[] loadCpus) = HasRoom ? (cpus[^Workers..], cpus[..^Workers]) : (cpus, cpus);
        using Half one = new(contender, bench, traffic, workers: 1, workerCpus, loadCpus);
        using Half two = new(contender, bench, traffic, Workers, workerCpus, loadCpus);
        Window window = bench.Window.Part(Pairs.Count);
        IReadOnlyDictionary<string, double> before = ProcessTree.ThreadCpuSeconds(two.Pids);
        (double oneCpu, double twoCpu, double growth) = Pairs.Alternate(() => one.CpuMicroseconds(window), () => two.CpuMicroseconds(window));
        IReadOnlyDictionary<string, double> after = ProcessTree.ThreadCpuSeconds(two.Pids);

        Dictionary<string, double> values = new()
        {
            ["cpu"] = twoCpu,
            ["oneCpu"] = oneCpu,
            ["cpuGrowth"] = growth,
            ["balance"] = BusierShare(after.Select(thread => thread.Value - before.GetValueOrDefault(thread.Key))),
        };
        List<string> remarks = [];
        if (HasRoom)
        {
            values["scaling"] = two.MedianRate / one.MedianRate;
            values["busy"] = two.MedianRate * twoCpu / 1e6 / Workers;
            if (values["busy"] < BusyShareMin)
                remarks.Add("two workers waited for the load: scaling is at least this");
        }
        if (one.Failed + two.Failed > 0)
            remarks.Add($"{one.Failed + two.Failed} connections failed");
        return new(values) { Remarks = remarks };
    }

    private static double BusierShare(IEnumerable<double> threadSeconds)
    {
        double[] busiest = [.. threadSeconds.OrderDescending().Take(Workers)];
        return busiest[0] / busiest.Sum();
    }

    /// <summary>A gateway with so many workers, and what visits to it cost.</summary>
    private sealed class Half : IDisposable
    {
        private readonly List<double> _rates = [];
        private readonly Traffic _traffic;
        private readonly Load _load;
        private readonly Stand _stand;

        public Half(Contender contender, Bench bench, Traffic traffic, int workers, int[] workerCpus, int[] loadCpus)
        {
            Site site = bench.NewSite() with { Workers = workers };
            (_traffic, _load) = (traffic, bench.NewLoad(site.Directory, loadCpus));
            _stand = Stand.Start(contender, bench, _load, traffic, site, new(workerCpus), Loads);
        }

        public IReadOnlyList<int> Pids => _stand.Pids;
        public long Failed { get; private set; }
        public double MedianRate => new Spread(_rates).Median;

        /// <summary>Per unit, in one more window.</summary>
        public double CpuMicroseconds(Window window)
        {
            Launched[] clients = [.. Enumerable.Range(0, Loads).Select(_ => _load.StartClient(_traffic, _stand.Address, window, null, _stand.Pids))];
            LoadResult[] results = [.. clients.Select(client => Load.FinishClient(client, window))];
            Failed += results.Sum(result => result.Failed);
            _rates.Add(results.Sum(result => result.Units / result.Seconds));
            // Each client has taken the CPU of the whole gateway.
            return results.Average(result => result.CpuNs / 1e3 / result.Seconds) / _rates[^1];
        }

        public void Dispose() => _stand.Dispose();
    }
}
