namespace FastSni.Operations;

/// <summary>Rows in aligned columns, for people and for grep: every cell is escaped, nothing is folded, and nothing stands behind the last word.</summary>
/// <param name="headings">A heading that begins with `>` aligns its column to the right.</param>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [[.. headings.Select(heading => heading.TrimStart('>'))]];

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(TerminalText.Escape)]);

    /// <summary>An empty line and the table; nothing at all where it has no rows.</summary>
    public void Write(TextWriter target)
    {
        if (_rows.Count == 1)
            return;
        int[] widths = [.. headings.Select((_, column) => _rows.Max(row => row[column].Length))];
        target.WriteLine();
        foreach (string[] row in _rows)
            target.WriteLine(string.Join("  ", row.Select((cell, column) => headings[column].StartsWith('>') ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
    }
}
