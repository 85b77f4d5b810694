using FastSni.Compare.Contenders;
using FastSni.Compare.Modes;
using FastSni.Compare.Reporting;
using FastSni.Reports;
using Spectre.Console;
using Table = FastSni.Reports.Table;

namespace FastSni.Compare;

/// <summary>The run inside the namespace: every mode, every repetition, every contender in turn.</summary>
internal static class Comparison
{
    // Tables wider than a terminal are better cut by the terminal than wrapped inside their cells.
    private const int LeastConsoleWidth = 240;

    public static int Run(RunOptions options, string workspace)
    {
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, LeastConsoleWidth);
        Machine machine = new();
        Bench bench = new(options, workspace);
        IEnumerable<Contender> wanted = options.Contenders.Select(name => ContenderCatalogue.Create(name, bench.LimitPath, options.FastSniPath));
        List<string> absences = [];
        Contender[] contenders = [.. wanted.Where(contender => IsPresent(contender.Name, contender.Absence, absences))];
        Results results = new();
        List<Table> tables = [];
        foreach (Mode mode in options.Modes.Select(ModeCatalogue.Find))
        {
            if (!IsPresent(mode.Name, mode.Absence, absences))
                continue;
            RunMode(mode, contenders, bench, results);
            tables.Add(ModeTable.Build(mode, contenders, results));
            ConsoleReport.Write(tables[^1]);
        }
        if (GoalTable.Build(results) is { Rows.Count: > 0 } goals)
        {
            tables.Add(goals);
            ConsoleReport.Write(goals);
        }
        // Again at the end: what scrolled away is not noticed.
        IReadOnlyList<string> facts = [.. absences, .. machine.Describe()];
        foreach (string fact in facts)
            AnsiConsole.WriteLine(fact);
        if (options.ReportPath is string path)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllText(path, MarkdownReport.Render(options, facts, contenders, tables));
        }
        return 0;
    }

    private static bool IsPresent(string name, string? absence, List<string> absences)
    {
        if (absence is null)
            return true;
        absences.Add($"LEFT OUT: {name}: {absence}");
        AnsiConsole.WriteLine(absences[^1]);
        return false;
    }

    private static void RunMode(Mode mode, Contender[] contenders, Bench bench, Results results)
    {
        int repetitions = mode.IsExact ? 1 : bench.Options.Repetitions;
        for (int repetition = 1; repetition <= repetitions; repetition++)
        {
            foreach (Contender contender in contenders.Where(mode.Takes))
            {
                AnsiConsole.WriteLine($"{mode.Name} {repetition}/{repetitions} {contender.Name}");
                try
                {
                    results.Add(mode.Name, repetition, contender.Name, mode.Measure(contender, bench));
                }
                catch (MeasurementException failure)
                {
                    results.AddFailure(mode.Name, repetition, contender.Name, failure.Message);
                }
            }
        }
    }
}
