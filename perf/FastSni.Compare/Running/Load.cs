using System.Globalization;
using System.Text.Json;

namespace FastSni.Compare.Running;

/// <summary>What the client counted in its window.</summary>
/// <param name="LateUs">Open loop: the 99.9th percentile of how long after its time a request left the client.</param>
internal sealed record LoadResult(
    double Seconds, long Units, long Bytes, long Failed, double P50Us, double P99Us, double P999Us, double LateUs, long CpuNs);

/// <summary>What `load start` saw: the program's process and its first signs of life, from exec.</summary>
internal sealed record StartResult(int Pid, double ListeningMs, double AnsweredMs);

/// <summary>One shape of traffic: what the backend and the client do.</summary>
internal sealed record Traffic(string BackendMode, string ClientMode, int Connections)
{
    public int RequestBytes { get; init; } = 64;
    public int ResponseBytes { get; init; }
    /// <summary>&gt; 0: open loop, so many requests a second.</summary>
    public int RatePerSecond { get; init; }
    /// <summary>Client and backend run before everything else on their CPU.</summary>
    public bool IsUrgent { get; init; }
}

/// <summary>How long the client works, and how long of it is counted.</summary>
/// <param name="UnitsMax">It ends early after so many connections or round trips; 0 = it does not.</param>
internal sealed record Window(double WarmupSeconds, double Seconds, int UnitsMax = 0)
{
    /// <summary>One of so many short ones that take as long together.</summary>
    public Window Part(int count) => new(WarmupSeconds / count, Seconds / count);
}

/// <summary>Calls perf/reference/load in its roles.</summary>
internal sealed class Load(string program, string directory, IReadOnlyList<int> cpus)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(30);
    private const int BackendLifeSeconds = 300;
    private const int StartPatienceSeconds = 60;

    private int _launches;

    public Launched StartBackend(Traffic traffic, Site site)
    {
        List<string> arguments = ["backend", site.BackendAddress, traffic.BackendMode, .. Sizes(traffic), "--seconds", $"{BackendLifeSeconds}"];
        if (site.SendsProxy)
            arguments.Add("--proxy");
        Launched backend = Launched.Silent(new(program, arguments), new(cpus, traffic.IsUrgent), NextLog());
        return backend.EndUnless(() => Port.AwaitOpen(site.BackendPort, backend, () => true));
    }

    /// <param name="watched">Processes whose CPU time is taken at both ends of the window.</param>
    public LoadResult RunClient(Traffic traffic, string address, Window window, NameTable? names, IEnumerable<int> watched) =>
        FinishClient(StartClient(traffic, address, window, names, watched), window);

    /// <summary>For several at a time; <see cref="FinishClient"/> waits for one.</summary>
    public Launched StartClient(Traffic traffic, string address, Window window, NameTable? names, IEnumerable<int> watched)
    {
        List<string> arguments =
        [
            "client", address, traffic.ClientMode, .. Sizes(traffic), .. NameArguments(names), "--connections", $"{traffic.Connections}",
            "--warmup", Number(window.WarmupSeconds), "--seconds", Number(window.Seconds), "--units", $"{window.UnitsMax}",
        ];
        foreach (int pid in watched)
            arguments.AddRange(["--watch", $"{pid}"]);
        if (traffic.RatePerSecond > 0)
            arguments.AddRange(["--rate", $"{traffic.RatePerSecond}"]);
        return Launched.Talking(new(program, arguments), new(cpus, traffic.IsUrgent), NextLog());
    }

    public static LoadResult FinishClient(Launched client, Window window)
    {
        using Launched ended = client;
        string line = client.ReadLine(TimeSpan.FromSeconds(window.WarmupSeconds + window.Seconds) + AnswerPatience);
        return JsonSerializer.Deserialize<LoadResult>(line, Json)!;
    }

    /// <summary>Returns once all connections are up end to end; they are held until the caller disposes of the client.</summary>
    public Launched HoldIdle(string address, int connections)
    {
        List<string> arguments = ["client", address, "idle", "--connections", $"{connections}", "--seconds", $"{BackendLifeSeconds}"];
        Launched client = Launched.Talking(new(program, arguments), new(cpus), NextLog());
        client.EndUnless(() => client.ReadLine(AnswerPatience));
        return client;
    }

    /// <summary>Runs a program on another CPU and times its start; it stays up until the starter's input ends.</summary>
    public (Launched Starter, StartResult Result) StartProgram(CommandLine command, int programCpu, Site site, int responseBytes)
    {
        List<string> arguments =
        [
            "start", site.ListenAddress, "--cpu", $"{programCpu}", "--response", $"{responseBytes}", .. NameArguments(site.Names),
            "--seconds", $"{StartPatienceSeconds}", "--", command.Program, .. command.Arguments,
        ];
        Launched starter = Launched.Talking(new(program, arguments), new(cpus), NextLog());
        string line = starter.EndUnless(() => starter.ReadLine(TimeSpan.FromSeconds(StartPatienceSeconds) + AnswerPatience));
        return (starter, JsonSerializer.Deserialize<StartResult>(line, Json)!);
    }

    private static string[] Sizes(Traffic traffic) => ["--request", $"{traffic.RequestBytes}", "--response", $"{traffic.ResponseBytes}"];

    private static string[] NameArguments(NameTable? names) => names is null ? [] : ["--sni", NameTable.Pattern, "--sni-count", $"{names.Count}"];

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    private string NextLog() => Path.Combine(directory, $"load-{++_launches}.log");
}
