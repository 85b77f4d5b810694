using NBomber.Contracts;
using NBomber.Contracts.Stats;
using NBomber.CSharp;
using NBomberScenario = NBomber.CSharp.Scenario;

namespace FastSni.LoadTests.Load;

/// <summary>NBomber as the runner of our scenarios. Compiled with -p:UseNBomber=true only.</summary>
internal static partial class LoadRunners
{
    private const string NBomberFolder = "nbomber-reports";

    static partial void AddNBomber(Dictionary<string, LoadRunner> runners) => runners["nbomber"] = RunWithNBomberAsync;

    private static Task<bool> RunWithNBomberAsync(LoadOrder order, ScenarioContext context, CancellationToken interrupt)
    {
        bool isGood = true;
        // One session each: registered together they would run at the same time.
        foreach (Scenario scenario in order.Scenarios.TakeWhile(_ => !interrupt.IsCancellationRequested))
        {
            NodeStats stats = NBomberRunner.RegisterScenarios(Props(scenario, order.Plan, context))
                .WithReportFolder(Path.Combine(order.ReportDirectory ?? NBomberFolder, scenario.Name))
                .Run();
            isGood &= stats.ScenarioStats.All(seen => seen.Ok.Request.Count > 0 && seen.Fail.Request.Count == 0);
        }
        return Task.FromResult(isGood);
    }

    private static ScenarioProps Props(Scenario scenario, LoadPlan plan, ScenarioContext context)
    {
        ScenarioProps props = NBomberScenario.Create(scenario.Name, async _ =>
        {
            StepResult result = await scenario.Step(context, CancellationToken.None);
            return result.IsOk ? Response.Ok(sizeBytes: result.Bytes) : Response.Fail(statusCode: result.FailureReason!);
        });
        props = plan.WarmUp > TimeSpan.Zero ? props.WithWarmUpDuration(plan.WarmUp) : props.WithoutWarmUp();
        return plan.Model switch
        {
            Inject inject => props.WithLoadSimulations(Simulation.Inject(rate: inject.RatePerSecond, interval: TimeSpan.FromSeconds(1), during: plan.Length)),
            KeepConstant keep => props.WithLoadSimulations(Simulation.KeepConstant(copies: keep.Clients, during: plan.Length)),
            _ => props,
        };
    }
}
