using System.Globalization;
using FastSni.Compare.Contenders;
using FastSni.Compare.Running;
using FastSni.Reports;

namespace FastSni.Compare;

/// <summary>What every mode works with: the load programs, fresh sites and running contenders.</summary>
internal sealed class Bench
{
    private const int FirstPort = 2000, PortsASite = 4;
    private const int SessionsWanted = 20_000;
    private const int DescriptorsReserved = 600;   // Listeners, logs, pipes.

    private readonly string _workspace, _loadPath;
    private readonly Dictionary<int, NameTable> _nameTables = [];
    private readonly Dictionary<Traffic, double> _capacities = [];
    private readonly Lazy<Certificate> _certificate;
    private int _nextPort = FirstPort;
    private int _sites;

    public Bench(RunOptions options, string workspace)
    {
        (Options, _workspace) = (options, workspace);
        string build = Path.Combine(workspace, "build");
        (int exitCode, string output) = Command.Run(new("make", ["--quiet", "-C", options.ReferenceDirectory, $"BUILD={build}"]));
        if (exitCode != 0)
            throw new InvalidOperationException($"make in {options.ReferenceDirectory} failed:\n{output}");
        LimitPath = Path.Combine(build, "limit");
        _loadPath = Path.Combine(build, "load");
        Load = NewLoad(workspace, [options.LoadCpu]);
        HttpLoad = new(workspace, options.LoadCpu);
        _certificate = new(() => Certificate.Make(workspace));
        SessionsMax = Math.Min(SessionsWanted, (DescriptorLimit() - DescriptorsReserved) / 2);
    }

    public RunOptions Options { get; }
    public Load Load { get; }
    public HttpLoad HttpLoad { get; }
    public Certificate Certificate => _certificate.Value;
    public string LimitPath { get; }
    public int SessionsMax { get; }
    public Window Window => new(Options.WarmupSeconds, Options.Seconds);
    public Place UrgentWorker => new([Options.WorkerCpu], IsUrgent: true);

    /// <summary>A site on ports nobody has used: no connection of an earlier contender lingers there.</summary>
    public Site NewSite()
    {
        if (_nextPort + PortsASite > OwnNamespace.FirstEphemeralPort)
            _nextPort = FirstPort;
        string directory = Directory.CreateDirectory(Path.Combine(_workspace, $"site-{++_sites}")).FullName;
        int port = _nextPort;
        _nextPort += PortsASite;
        return new()
        {
            Directory = directory,
            ListenPort = port,
            BackendPort = port + 1,
            HttpPort = port + 2,
            InnerTlsPort = port + 3,
            SessionsMax = SessionsMax,
        };
    }

    public NameTable NamesOf(int count) =>
        _nameTables.TryGetValue(count, out NameTable? table) ? table : _nameTables[count] = new(_workspace, count);

    /// <summary>Units a second of this traffic that open loops take their share of: measured once, the same for the whole run.</summary>
    public double CapacityOf(Traffic traffic, Func<double> measure) =>
        _capacities.TryGetValue(traffic, out double capacity) ? capacity : _capacities[traffic] = measure();

    /// <summary>Client and backend on other CPUs than usual.</summary>
    public Load NewLoad(string directory, IReadOnlyList<int> cpus) => new(_loadPath, directory, cpus);

    /// <summary>Starts a contender and waits until all its processes are there and its port is open.</summary>
    public Launched StartReady(Contender contender, Site site, Place place)
    {
        Launched launched = Launched.Silent(Prepare(contender, site), place, Path.Combine(site.Directory, "contender.log"));
        return launched.EndUnless(() => Port.AwaitOpen(site.ListenPort, launched, IsComplete));

        bool IsComplete() => ProcessTree.Pids(launched.Pid).Count >= contender.ProcessCount(site);
    }

    /// <summary>Starts a contender and times it until the first answer of this traffic has come through.</summary>
    public (Launched Starter, StartResult Result) StartTimed(Contender contender, Site site, Traffic traffic) =>
        Load.StartProgram(Prepare(contender, site), Options.WorkerCpu, site, traffic.ResponseBytes);

    private static CommandLine Prepare(Contender contender, Site site) =>
        contender.Prepare(site) ?? throw new MeasurementException("there is nothing to start");

    private static int DescriptorLimit()
    {
        string line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        string hard = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
        return int.TryParse(hard, CultureInfo.InvariantCulture, out int limit) ? limit : int.MaxValue;
    }
}
