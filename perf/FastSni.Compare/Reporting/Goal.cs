namespace FastSni.Compare.Reporting;

/// <summary>Something FastSni is asked to reach: a value, or a ratio inside the same repetition, at most or at least a bound.</summary>
internal sealed record Goal(string Sentence, string Mode, string Metric, string Format, double Bound)
{
    /// <summary>The contender the ratio is to; null = the value itself.</summary>
    public string? Reference { get; init; }
    /// <summary>The difference is meant, not the ratio.</summary>
    public bool IsDifference { get; init; }
    public bool IsAtLeast { get; init; }

    /// <summary>What the project was asked for; the others are goals it set itself.</summary>
    public bool IsAsked { get; init; }

    public Spread Measured(Results results, string contender) => Reference switch
    {
        null => results.Values(Mode, contender, Metric),
        _ when IsDifference => results.Difference(Mode, contender, Reference, Metric),
        _ => results.Ratio(Mode, contender, Reference, Metric),
    };

    public bool IsMet(Spread measured) => IsAtLeast ? measured.Median >= Bound : measured.Median <= Bound;
}
