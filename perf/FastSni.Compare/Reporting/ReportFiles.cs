using FastSni.Reports;
using Spectre.Console;
using Table = FastSni.Reports.Table;

namespace FastSni.Compare.Reporting;

/// <summary>Where a report goes: the terminal, and files of one name.</summary>
internal static class ReportFiles
{
    /// <summary>What was left out stands at the end once more: what scrolled away is not noticed.</summary>
    public static void Show(Report report)
    {
        foreach (Table table in Tables(report))
            ConsoleReport.Write(table);
        foreach (string fact in report.LeftOut.Concat(report.Machine))
            AnsiConsole.WriteLine(fact);
    }

    /// <param name="markdownPath">The other files have its name, with their own endings.</param>
    public static void Write(Report report, string markdownPath)
    {
        string plotPath = Path.ChangeExtension(markdownPath, ".svg");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(markdownPath))!);
        File.WriteAllText(Path.ChangeExtension(markdownPath, ".json"), JsonReport.Render(report));
        File.WriteAllText(markdownPath, MarkdownReport.Render(report, Tables(report), Path.GetFileName(plotPath)));
        File.WriteAllText(plotPath, Plot.Render(report));
    }

    private static IEnumerable<Table> Tables(Report report)
    {
        Scorecard card = report.Scorecard;
        IEnumerable<Table> tables =
        [
            .. report.Modes.Select(mode => ModeTable.Build(mode, report.Contenders, report.Results)),
            GoalTable.OfLimit(card),
            GoalTable.OfFastSni(card, report.Options),
        ];
        return tables.Where(table => table.Rows.Count > 0);
    }
}
