using System.Text.Json;
using FastSni.Reports;

namespace FastSni.LoadTests.Load;

/// <summary>What a run was asked for.</summary>
/// <param name="ReportDirectory">null: no report is written.</param>
internal sealed record LoadOrder(IReadOnlyList<Scenario> Scenarios, LoadPlan Plan, string? ReportDirectory);

/// <summary>Runs an order's scenarios one after the other.</summary>
/// <returns>Whether no step failed, and some went well in each.</returns>
internal delegate Task<bool> LoadRunner(LoadOrder order, ScenarioContext context, CancellationToken interrupt);

/// <summary>Who can run scenarios, by name. One more is compiled with -p:UseNBomber=true.</summary>
internal static partial class LoadRunners
{
    public const string Own = "own";

    public static IReadOnlyDictionary<string, LoadRunner> All()
    {
        Dictionary<string, LoadRunner> runners = new() { [Own] = RunAsync };
        AddNBomber(runners);
        return runners;
    }

    static partial void AddNBomber(Dictionary<string, LoadRunner> runners);

    private static async Task<bool> RunAsync(LoadOrder order, ScenarioContext context, CancellationToken interrupt)
    {
        Machine machine = new();
        DateTimeOffset started = TimeProvider.System.GetUtcNow();
        List<LoadResult> results = [];
        foreach (Scenario scenario in order.Scenarios)
        {
            if (interrupt.IsCancellationRequested)
                break;
            LoadRun run = new(cancel => scenario.Step(context, cancel), order.Plan, TimeProvider.System);
            Task running = run.RunAsync(interrupt);
            await LoadProgress.ShowAsync(scenario.Name, run, order.Plan, running);
            await running;
            double seconds = Math.Clamp((run.Elapsed - order.Plan.WarmUp).TotalSeconds, 0.001, order.Plan.Length.TotalSeconds);
            results.Add(LoadResult.Of(scenario, order.Plan, run.Tally, seconds));
        }
        ConsoleReport.Write(LoadResult.Table(results));
        if (order.ReportDirectory is string directory)
            Write(directory, new(started, machine.DescribeHost(), results));
        return results.Count > 0 && results.All(result => result.Ok > 0 && result.Failed == 0);
    }

    private static void Write(string directory, LoadReport report)
    {
        Directory.CreateDirectory(directory);
        string page = Path.Combine(directory, "report.html");
        File.WriteAllText(page, LoadPage.Html(report));
        File.WriteAllText(Path.Combine(directory, "report.json"), JsonSerializer.Serialize(report, LoadReportJson.Default.LoadReport));
        Console.WriteLine($"report: {page}");
    }
}
