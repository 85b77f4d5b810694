using System.Text;

namespace FastSni.Reports;

/// <summary>A table as terminal, Markdown and HTML show it.</summary>
public sealed record Table(string Title, IReadOnlyList<string> Headers, IReadOnlyList<IReadOnlyList<string>> Rows, IReadOnlyList<string> Remarks)
{
    /// <summary>As a section of a Markdown document.</summary>
    public string ToMarkdown()
    {
        StringBuilder text = new();
        Line($"\n## {Title}\n");
        Line($"| {string.Join(" | ", Headers)} |");
        Line($"|{string.Concat(Headers.Select(_ => "---|"))}");
        foreach (IReadOnlyList<string> row in Rows)
            Line($"| {string.Join(" | ", row.Select(Escape))} |");
        if (Remarks.Count > 0)
            Line("");
        foreach (string remark in Remarks)
            Line($"- {remark}");
        return text.ToString();

        void Line(string line) => text.Append(line).Append('\n');
    }

    /// <summary>A cell's text, so that a bar in it doesn't end the cell.</summary>
    public static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
