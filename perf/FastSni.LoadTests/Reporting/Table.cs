namespace FastSni.LoadTests.Reporting;

/// <summary>A table as both reports show it.</summary>
internal sealed record Table(string Title, IReadOnlyList<string> Headers, IReadOnlyList<IReadOnlyList<string>> Rows, IReadOnlyList<string> Remarks);
