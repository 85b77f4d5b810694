namespace FastSni.Compare;

/// <summary>One number a mode yields per measurement.</summary>
/// <param name="Key">Names it inside its mode.</param>
/// <param name="Header">The column's head, unit last.</param>
/// <param name="Format">A .NET number format.</param>
internal sealed record Metric(string Key, string Header, string Format)
{
    /// <summary>Columns with the ratio to <see cref="Results.References"/> in the same repetition follow.</summary>
    public bool IsCompared { get; init; }
    /// <summary>A column with the difference to no gateway at all follows.</summary>
    public bool IsOverDirect { get; init; }
}
