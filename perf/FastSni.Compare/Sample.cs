namespace FastSni.Compare;

/// <summary>What one measurement of one contender in one repetition yielded: values by metric key, and remarks for the report.</summary>
internal sealed record Sample(IReadOnlyDictionary<string, double> Values)
{
    public IReadOnlyList<string> Remarks { get; init; } = [];
}
