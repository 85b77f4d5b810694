using System.Globalization;
using System.Text;
using FastSni.Compare.Contenders;
using FastSni.Reports;

namespace FastSni.Compare.Reporting;

internal static class MarkdownReport
{
    /// <param name="plot">The picture's file name, in the same directory.</param>
    public static string Render(Report report, IEnumerable<Table> tables, string plot)
    {
        RunOptions options = report.Options;
        StringBuilder text = new();
        Line($"# Comparison, {report.Begun:yyyy-MM-dd}\n");
        foreach (string fact in report.LeftOut.Concat(report.Machine))
            Line($"- {fact}");
        Line($"- contender on CPU {options.WorkerCpu}, client and backend on CPU {options.LoadCpu}");
        Line($"- {options.Repetitions} repetitions of {options.Seconds:0.#} s measured each, contenders in turn; begun {report.Begun:HH:mm}, took {report.Took.TotalMinutes:0} minutes");
        Line($"- values: median (least–greatest) of the repetitions; ×: median of the ratios inside one repetition\n");
        Line($"| contender | version |\n|---|---|");
        foreach (Contender contender in report.Contenders)
            Line($"| {contender.Name} | {Table.Escape(contender.Version)} |");
        Line($"\n![Medians and ranges]({plot})");
        foreach (Table table in tables)
            text.Append(table.ToMarkdown());
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
