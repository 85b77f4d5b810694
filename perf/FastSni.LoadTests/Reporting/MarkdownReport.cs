using System.Text;
using FastSni.LoadTests.Contenders;

namespace FastSni.LoadTests.Reporting;

internal static class MarkdownReport
{
    public static string Render(RunOptions options, IReadOnlyList<string> machine, IReadOnlyList<Contender> contenders, IEnumerable<Table> tables)
    {
        StringBuilder text = new();
        Line($"# Load test, {TimeProvider.System.GetLocalNow():yyyy-MM-dd}\n");
        foreach (string fact in machine)
            Line($"- {fact}");
        Line($"- contender on CPU {options.WorkerCpu}, client and backend on CPU {options.LoadCpu}");
        Line($"- {options.Repetitions} repetitions of {options.Seconds:0.#} s measured each, contenders in turn");
        Line($"- values: median (least–greatest) of the repetitions; ×: median of the ratios inside one repetition\n");
        Line($"| contender | version |\n|---|---|");
        foreach (Contender contender in contenders)
            Line($"| {contender.Name} | {Escape(contender.Version)} |");
        foreach (Table table in tables)
            Append(table);
        return text.ToString();

        void Line(string line) => text.Append(line).Append('\n');

        void Append(Table table)
        {
            Line($"\n## {table.Title}\n");
            Line($"| {string.Join(" | ", table.Headers)} |");
            Line($"|{string.Concat(Enumerable.Repeat("---|", table.Headers.Count))}");
            foreach (IReadOnlyList<string> row in table.Rows)
                Line($"| {string.Join(" | ", row.Select(Escape))} |");
            if (table.Remarks.Count > 0)
                Line("");
            foreach (string remark in table.Remarks)
                Line($"- {remark}");
        }
    }

    private static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
