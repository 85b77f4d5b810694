using System.Text;
using FastSni.Compare.Contenders;
using FastSni.Reports;

namespace FastSni.Compare.Reporting;

internal static class MarkdownReport
{
    public static string Render(RunOptions options, IReadOnlyList<string> machine, IReadOnlyList<Contender> contenders, IEnumerable<Table> tables)
    {
        StringBuilder text = new();
        Line($"# Comparison, {TimeProvider.System.GetLocalNow():yyyy-MM-dd}\n");
        foreach (string fact in machine)
            Line($"- {fact}");
        Line($"- contender on CPU {options.WorkerCpu}, client and backend on CPU {options.LoadCpu}");
        Line($"- {options.Repetitions} repetitions of {options.Seconds:0.#} s measured each, contenders in turn");
        Line($"- values: median (least–greatest) of the repetitions; ×: median of the ratios inside one repetition\n");
        Line($"| contender | version |\n|---|---|");
        foreach (Contender contender in contenders)
            Line($"| {contender.Name} | {Table.Escape(contender.Version)} |");
        foreach (Table table in tables)
            text.Append(table.ToMarkdown());
        return text.ToString();

        void Line(string line) => text.Append(line).Append('\n');
    }
}
