using System.CommandLine;
using System.Net;
using FastSni.LoadTests.Staging;
using FastSni.Reports;
using Spectre.Console;

namespace FastSni.LoadTests.Load;

/// <summary>`load`: its options, and the gateway it asks.</summary>
internal static class LoadCommand
{
    private const int ConsoleWidthLeast = 200, ClientsByDefault = 8, BodyBytesMax = 16 * 1024 * 1024;

    private static readonly Option<string> Scenarios = new("--scenario")
    {
        Description = $"comma-separated, of: {string.Join(", ", ScenarioCatalogue.All.Select(scenario => scenario.Name))}; {ScenarioCatalogue.Every} = one after the other",
        DefaultValueFactory = _ => ScenarioCatalogue.Mixed,
    };
    private static readonly Option<int?> Rate = new("--rate") { Description = "open model: so many steps begin each second, at fixed times; latency counts from when a step was due" };
    private static readonly Option<int?> Clients = new("--clients") { Description = $"closed model: so many clients, one step after the other (default {ClientsByDefault})" };
    private static readonly Option<double> Seconds = new("--seconds") { Description = "how long each scenario is measured", DefaultValueFactory = _ => 10 };
    private static readonly Option<double> WarmUp = new("--warm-up") { Description = "seconds of the same load before it counts", DefaultValueFactory = _ => 2 };
    private static readonly Option<string?> Report = new("--report") { Description = "write report.html and report.json into this directory" };
    private static readonly Option<string> FastSni =
        new("--fastsni") { Description = "the published fastsni binary, a copy of which is started", DefaultValueFactory = _ => "artifacts/fastsni/fastsni" };
    private static readonly Option<int> Workers = new("--workers") { Description = "worker threads of that gateway", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> BodyBytes = new("--body-bytes") { Description = "size of every answer from behind that gateway", DefaultValueFactory = _ => 1024 };
    private static readonly Option<string?> Target =
        new("--target") { Description = "ask a gateway that runs already instead: ADDRESS:PORT in digits, of loopback and nothing else" };
    private static readonly Option<string> Name = new("--name") { Description = "the name to ask that gateway for", DefaultValueFactory = _ => "localhost" };
    private static readonly Option<string> Runner = new("--runner") { Description = "who runs the scenarios", DefaultValueFactory = _ => LoadRunners.Own };

    public static Command Build()
    {
        Command command = new("load", "Load on one gateway, open or closed, with latencies and a report; exit status 1 if a step failed.")
        {
            Scenarios, Rate, Clients, Seconds, WarmUp, Report, FastSni, Workers, BodyBytes, Target, Name,
        };
        IReadOnlyDictionary<string, LoadRunner> runners = LoadRunners.All();
        if (runners.Count > 1)
        {
            Runner.AcceptOnlyFromAmong([.. runners.Keys]);
            command.Options.Add(Runner);
        }
        command.SetAction(async (parsed, _) => await RunAsync(parsed, runners[parsed.GetValue(Runner) ?? LoadRunners.Own]));
        return command;
    }

    // Behind the parser's own checks: validators run before the defaults are in.
    private static IEnumerable<string> Refusals(ParseResult asked)
    {
        string scenarios = asked.GetValue(Scenarios)!;
        foreach (string name in ScenarioCatalogue.Unknown(scenarios))
            yield return $"'{name}' is none of: {string.Join(", ", ScenarioCatalogue.All.Select(scenario => scenario.Name).Append(ScenarioCatalogue.Every))}";
        if (ScenarioCatalogue.Find(scenarios).Count == 0)
            yield return "--scenario names none";
        if (LoadPlan.Refusal(asked.GetValue(Rate), asked.GetValue(Clients), asked.GetValue(Seconds), asked.GetValue(WarmUp)) is string refusal)
            yield return refusal;
        if (asked.GetValue(BodyBytes) is < 0 or > BodyBytesMax)
            yield return $"--body-bytes is from 0 to {BodyBytesMax}";
        if (Uri.CheckHostName(asked.GetValue(Name)) != UriHostNameType.Dns)
            yield return "--name is a host name";
        if (asked.GetValue(Target) is not string target)
            yield break;
        if (!LoadTarget.TryParse(target, out _))
            yield return $"--target {target}: only an address of 127.0.0.0/8 or [::1] in digits, with a port, is loaded";
        if (ScenarioCatalogue.Find(scenarios).Any(scenario => scenario.Name == ScenarioCatalogue.Mixed))
            yield return $"--target is one port, and {ScenarioCatalogue.Mixed} asks at two: name another scenario";
    }

    private static async Task<int> RunAsync(ParseResult parsed, LoadRunner runner)
    {
        string[] refusals = [.. Refusals(parsed)];
        if (refusals.Length > 0)
        {
            Console.Error.WriteLine(string.Join('\n', refusals));
            return 1;
        }
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, ConsoleWidthLeast);
        LoadModel model = parsed.GetValue(Rate) is int rate ? new Inject(rate) : new KeepConstant(parsed.GetValue(Clients) ?? ClientsByDefault);
        LoadPlan plan = new(model, TimeSpan.FromSeconds(parsed.GetValue(WarmUp)), TimeSpan.FromSeconds(parsed.GetValue(Seconds)));
        LoadOrder order = new(ScenarioCatalogue.Find(parsed.GetValue(Scenarios)!), plan, parsed.GetValue(Report));
        using Interruption interruption = new();
        try
        {
            bool isGood = LoadTarget.TryParse(parsed.GetValue(Target) ?? "", out IPEndPoint? address)
                ? await RunAtAsync(LoadTarget.At(address!, parsed.GetValue(Name)!), order, runner, interruption.Token)
                : await RunOnStageAsync(Path.GetFullPath(parsed.GetValue(FastSni)!), parsed.GetValue(Workers), parsed.GetValue(BodyBytes), order, runner, interruption.Token);
            return isGood ? 0 : 1;
        }
        catch (Exception failure) when (failure is MeasurementException or IOException)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }

    private static async Task<bool> RunOnStageAsync(string program, int workers, int bodyBytes, LoadOrder order, LoadRunner runner, CancellationToken interrupt)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("fastsni-load-");
        try
        {
            using LoadStage stage = await LoadStage.StartAsync(program, directory.FullName, workers, bodyBytes);
            bool isGood = await RunAtAsync(stage.Target, order, runner, interrupt);
            if (await stage.StopAsync())
                return isGood;
            Console.Error.WriteLine("the gateway did not leave when it was told to");
            return false;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<bool> RunAtAsync(LoadTarget target, LoadOrder order, LoadRunner runner, CancellationToken interrupt)
    {
        using ScenarioContext context = new(target);
        return await runner(order, context, interrupt);
    }
}
