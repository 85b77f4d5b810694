using FastSni.Compare.Contenders;

namespace FastSni.Compare.Reporting;

/// <summary>What a run says about one figure.</summary>
internal enum Verdict
{
    /// <summary>No figure was set.</summary>
    None,
    Met,
    Missed,
    /// <summary>Asked for, but there is no value: nothing is shown.</summary>
    NotMeasured,
    /// <summary>Met beside a limit program that is not lean itself: nothing is shown.</summary>
    NotCounting,
}

/// <summary>Something a contender is asked to reach: a value, or a ratio inside the same repetition, at most or at least so much.</summary>
internal sealed record Goal(string Sentence, string Mode, string Metric, string Format)
{
    /// <summary>In the place of a reference: that peer beside which the contender looks worst.</summary>
    public const string BestPeer = "best peer";

    /// <summary>Beyond it a result is not acceptable; null = only <see cref="Wanted"/> is set.</summary>
    public double? Bound { get; init; }
    /// <summary>The goal proper; null = nothing beyond the bound.</summary>
    public double? Wanted { get; init; }
    /// <summary>The contender the ratio is to, or <see cref="BestPeer"/>; null = the value itself.</summary>
    public string? Reference { get; init; }
    /// <summary>The difference is meant, not the ratio.</summary>
    public bool IsDifference { get; init; }
    public bool IsAtLeast { get; init; }

    /// <summary>Whether a run of these modes and contenders was to measure it.</summary>
    public bool IsAskedOf(string contender, IReadOnlyCollection<string> modes, IReadOnlyCollection<string> contenders) =>
        modes.Contains(Mode) && contenders.Contains(contender) && Reference switch
        {
            null => true,
            BestPeer => contenders.Intersect(ContenderCatalogue.Peers).Any(),
            _ => contenders.Contains(Reference),
        };

    /// <summary>The values, and the contender they are compared with, if any.</summary>
    public (Spread Spread, string? Rival) Measure(Results results, string contender)
    {
        if (Reference is null)
            return (results.Values(Mode, contender, Metric), null);
        IEnumerable<string> rivals = Reference == BestPeer ? ContenderCatalogue.Peers : [Reference];
        var compared = rivals.Select(rival => (Spread: Compare(results, contender, rival), Rival: rival)).Where(entry => !entry.Spread.IsEmpty);
        (Spread Spread, string? Rival) worst = compared.OrderByDescending(entry => entry.Spread.Median).FirstOrDefault();
        return worst.Rival is null ? (new([]), null) : worst;
    }

    /// <param name="figure">The bound or the goal.</param>
    /// <param name="isLimitLean">null = it was not asked.</param>
    public Verdict Judge(double? figure, Spread measured, bool? isLimitLean)
    {
        if (figure is not double asked)
            return Verdict.None;
        if (measured.IsEmpty)
            return Verdict.NotMeasured;
        bool isMet = IsAtLeast ? measured.Median >= asked : measured.Median <= asked;
        if (!isMet)
            return Verdict.Missed;
        return Reference == ContenderCatalogue.Limit && isLimitLean == false ? Verdict.NotCounting : Verdict.Met;
    }

    private Spread Compare(Results results, string contender, string rival) =>
        IsDifference ? results.Difference(Mode, contender, rival, Metric) : results.Ratio(Mode, contender, rival, Metric);
}
