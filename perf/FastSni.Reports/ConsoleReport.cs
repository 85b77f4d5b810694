using Spectre.Console;

namespace FastSni.Reports;

public static class ConsoleReport
{
    public static void Write(Table table)
    {
        Spectre.Console.Table view = new() { Border = TableBorder.Simple };
        for (int i = 0; i < table.Headers.Count; i++)
            view.AddColumn(new TableColumn(Markup.Escape(table.Headers[i])) { NoWrap = true, Alignment = i == 0 ? Justify.Left : Justify.Right });
        foreach (IReadOnlyList<string> row in table.Rows)
            view.AddRow([.. row.Select(Markup.Escape)]);
        AnsiConsole.MarkupLineInterpolated($"[bold]{table.Title}[/]");
        AnsiConsole.Write(view);
        foreach (string remark in table.Remarks)
            AnsiConsole.WriteLine("  " + remark);
    }
}
