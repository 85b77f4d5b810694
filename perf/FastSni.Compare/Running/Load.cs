using System.Globalization;
using System.Text.Json;

namespace FastSni.Compare.Running;

/// <summary>What the client counted in its window.</summary>
internal sealed record LoadResult(double Seconds, long Units, long Bytes, long Failed, double P50Us, double P99Us, double P999Us, long CpuNs);

/// <summary>What `load start` saw: the program's process and its first signs of life, from exec.</summary>
internal sealed record StartResult(int Pid, double ListeningMs, double AnsweredMs);

/// <summary>One shape of traffic: what the backend and the client do.</summary>
internal sealed record Traffic(string BackendMode, string ClientMode, int Connections)
{
    public int RequestBytes { get; init; } = 64;
    public int ResponseBytes { get; init; }
    /// <summary>&gt; 0: open loop, so many requests a second; client and backend run before everything else on their CPU.</summary>
    public int RatePerSecond { get; init; }
}

/// <summary>How long the client works, and how long of it is counted.</summary>
/// <param name="UnitsMax">It ends early after so many connections or round trips; 0 = it does not.</param>
internal sealed record Window(double WarmupSeconds, double Seconds, int UnitsMax = 0);

/// <summary>Calls perf/reference/load in its roles.</summary>
internal sealed class Load(string program, string directory, int cpu)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(30);
    private const int BackendLifeSeconds = 300;
    private const int StartPatienceSeconds = 60;
    private const int UrgentPriority = 10;

    private int _launches;

    public Launched StartBackend(Traffic traffic, Site site)
    {
        List<string> arguments = ["backend", site.BackendAddress, traffic.BackendMode, .. Sizes(traffic), "--seconds", $"{BackendLifeSeconds}"];
        if (site.SendsProxy)
            arguments.Add("--proxy");
        Launched backend = Launched.Silent(Command(traffic, arguments), cpu, NextLog());
        return backend.EndUnless(() => Port.AwaitOpen(site.BackendPort, backend, () => true));
    }

    /// <param name="watched">Processes whose CPU time is taken at both ends of the window.</param>
    public LoadResult RunClient(Traffic traffic, string address, Window window, NameTable? names, IEnumerable<int> watched)
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
        using Launched client = Launched.Talking(Command(traffic, arguments), cpu, NextLog());
        string line = client.ReadLine(TimeSpan.FromSeconds(window.WarmupSeconds + window.Seconds) + AnswerPatience);
        return JsonSerializer.Deserialize<LoadResult>(line, Json)!;
    }

    /// <summary>Returns once all connections are up end to end; they are held until the caller disposes of the client.</summary>
    public Launched HoldIdle(string address, int connections)
    {
        List<string> arguments = ["client", address, "idle", "--connections", $"{connections}", "--seconds", $"{BackendLifeSeconds}"];
        Launched client = Launched.Talking(new(program, arguments), cpu, NextLog());
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
        Launched starter = Launched.Talking(new(program, arguments), cpu, NextLog());
        string line = starter.EndUnless(() => starter.ReadLine(TimeSpan.FromSeconds(StartPatienceSeconds) + AnswerPatience));
        return (starter, JsonSerializer.Deserialize<StartResult>(line, Json)!);
    }

    // What shares the CPU with them must not show in the latency they measure.
    private CommandLine Command(Traffic traffic, IReadOnlyList<string> arguments) =>
        traffic.RatePerSecond == 0 ? new(program, arguments) : new("chrt", ["--fifo", $"{UrgentPriority}", program, .. arguments]);

    private static string[] Sizes(Traffic traffic) => ["--request", $"{traffic.RequestBytes}", "--response", $"{traffic.ResponseBytes}"];

    private static string[] NameArguments(NameTable? names) => names is null ? [] : ["--sni", NameTable.Pattern, "--sni-count", $"{names.Count}"];

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    private string NextLog() => Path.Combine(directory, $"load-{++_launches}.log");
}
