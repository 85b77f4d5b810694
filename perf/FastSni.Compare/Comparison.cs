using System.Diagnostics;
using FastSni.Compare.Contenders;
using FastSni.Compare.Modes;
using FastSni.Compare.Reporting;
using FastSni.Reports;
using Spectre.Console;

namespace FastSni.Compare;

/// <summary>
/// The run inside the namespace: every repetition, every mode, every contender in turn. Repetitions are the outer loop, so that a run whose time is up has
/// fewer of them instead of fewer modes.
/// </summary>
internal sealed class Comparison
{
    // Tables wider than a terminal are better cut by the terminal than wrapped inside their cells.
    private const int LeastConsoleWidth = 240;

    private readonly long _begin = Stopwatch.GetTimestamp();
    private readonly Bench _bench;
    private readonly TimeCap _cap;
    private readonly Results _results = new();
    private readonly List<string> _leftOut = [];
    private readonly Dictionary<string, int> _roundsWithoutTime = [];

    private Comparison(RunOptions options, string workspace) =>
        (_bench, _cap) = (new(options, workspace), new(TimeSpan.FromMinutes(options.Minutes)));

    private RunOptions Options => _bench.Options;
    private TimeSpan Elapsed => Stopwatch.GetElapsedTime(_begin);

    /// <summary>The exit status: 0 if every bound that this run was to measure is met, else 1.</summary>
    public static int Run(RunOptions options, string workspace)
    {
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, LeastConsoleWidth);
        Report report = new Comparison(options, workspace).Measure();
        ReportFiles.Show(report);
        if (options.ReportPath is string path)
            ReportFiles.Write(report, path);
        return report.Scorecard.AreBoundsMet ? 0 : 1;
    }

    private Report Measure()
    {
        Machine machine = new();
        DateTimeOffset begun = TimeProvider.System.GetLocalNow();
        IEnumerable<Contender> wanted = Options.Contenders.Select(name => ContenderCatalogue.Create(name, _bench.LimitPath, Options.FastSniPath));
        Contender[] contenders = [.. wanted.Where(contender => IsPresent(contender.Name, contender.Absence))];
        Mode[] modes = [.. Options.Modes.Select(ModeCatalogue.Find).Where(mode => IsPresent(mode.Name, mode.Absence))];
        for (int repetition = 1; repetition <= Options.Repetitions; repetition++)
            foreach (Mode mode in modes.Where(mode => repetition <= RepetitionsOf(mode)))
                RunRound(mode, repetition, contenders);
        foreach ((string mode, int rounds) in _roundsWithoutTime)
            LeaveOut($"{mode}: {rounds} of its repetitions did not fit into the run's {Options.Minutes:0.##} minutes");
        return new()
        {
            Options = Options,
            Begun = begun,
            Took = Elapsed,
            Machine = machine.Describe(),
            LeftOut = _leftOut,
            Contenders = contenders,
            Modes = modes,
            Results = _results,
            Scorecard = new(_results, Options.Modes, Options.Contenders),
        };
    }

    private bool IsPresent(string name, string? absence)
    {
        if (absence is not null)
            LeaveOut($"{name}: {absence}");
        return absence is null;
    }

    private void LeaveOut(string what)
    {
        _leftOut.Add($"LEFT OUT: {what}");
        AnsiConsole.WriteLine(_leftOut[^1]);
    }

    private int RepetitionsOf(Mode mode) => mode.IsExact ? 1 : Options.Repetitions;

    private void RunRound(Mode mode, int repetition, IEnumerable<Contender> contenders)
    {
        TimeSpan begin = Elapsed;
        if (!_cap.Allows(mode.Name, begin))
        {
            _roundsWithoutTime[mode.Name] = _roundsWithoutTime.GetValueOrDefault(mode.Name) + 1;
            return;
        }
        foreach (Contender contender in contenders.Where(mode.Takes))
        {
            if (_cap.IsOver(Elapsed))
            {
                LeaveOut($"{mode.Name}, repetition {repetition}, {contender.Name}: the run's {Options.Minutes:0.##} minutes are over");
                continue;
            }
            AnsiConsole.WriteLine($"{mode.Name} {repetition}/{RepetitionsOf(mode)} {contender.Name}");
            try
            {
                _results.Add(mode.Name, repetition, contender.Name, mode.Measure(contender, _bench));
            }
            catch (MeasurementException failure)
            {
                _results.AddFailure(mode.Name, repetition, contender.Name, failure.Message);
            }
        }
        _cap.Record(mode.Name, Elapsed - begin);
    }
}
