using System.Globalization;
using Spectre.Console;

namespace FastSni.LoadTests.Load;

/// <summary>A line that tells how a run goes: in its place on a terminal, else one after the other.</summary>
internal static class LoadProgress
{
    private static readonly TimeSpan OnTerminal = TimeSpan.FromMilliseconds(250), InFile = TimeSpan.FromSeconds(5);

    /// <summary>Until the run has ended.</summary>
    public static async Task ShowAsync(string scenario, LoadRun run, LoadPlan plan, Task running)
    {
        if (AnsiConsole.Profile.Capabilities.Interactive && AnsiConsole.Profile.Out.IsTerminal)
        {
            await AnsiConsole.Status().StartAsync(Markup.Escape(Text()), async status =>
            {
                while (!await HasEndedAsync(OnTerminal))
                    status.Status(Markup.Escape(Text()));
            });
            return;
        }
        while (!await HasEndedAsync(InFile))
            Console.WriteLine(Text());

        async Task<bool> HasEndedAsync(TimeSpan within) => await Task.WhenAny(running, Task.Delay(within)) == running;

        string Text() => string.Create(CultureInfo.InvariantCulture,
            $"{scenario,-15} {Math.Min(run.Elapsed.TotalSeconds, plan.End.TotalSeconds),5:0.0} of {plan.End.TotalSeconds:0.#} s  ok {run.Tally.Ok:#,0}  failed {run.Tally.Failed:#,0}  p50 {run.Tally.LatencyAt(50):0.00} ms  p99 {run.Tally.LatencyAt(99):0.00} ms  late {run.Tally.StartedLate + run.Tally.NotStarted:#,0}");
    }
}
