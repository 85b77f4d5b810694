using FastSni.Compare.Contenders;

namespace FastSni.Compare.Reporting;

/// <summary>A goal, what was measured, and what that says.</summary>
/// <param name="Rival">The contender it was compared with; null = none.</param>
internal sealed record Score(Goal Goal, Spread Measured, string? Rival, Verdict OfBound, Verdict OfWanted);

/// <summary>All goals that a run was to measure. One without a value is not passed over: it is not met.</summary>
internal sealed class Scorecard
{
    public Scorecard(Results results, IReadOnlyCollection<string> modes, IReadOnlyCollection<string> contenders)
    {
        Lean = Score(Goals.OfLimit, ContenderCatalogue.Limit, isLimitLean: null);
        if (Lean.Any(score => score.OfBound == Verdict.Missed))
            IsLimitLean = false;
        else if (Lean.Count == Goals.OfLimit.Count && Lean.All(score => score.OfBound == Verdict.Met))
            IsLimitLean = true;
        FastSni = Score(Goals.OfFastSni, ContenderCatalogue.FastSni, IsLimitLean);

        IReadOnlyList<Score> Score(IEnumerable<Goal> goals, string contender, bool? isLimitLean) =>
        [
            .. from goal in goals
               where goal.IsAskedOf(contender, modes, contenders)
               let measured = goal.Measure(results, contender)
               select new Score(goal, measured.Spread, measured.Rival, goal.Judge(goal.Bound, measured.Spread, isLimitLean),
                   goal.Judge(goal.Wanted, measured.Spread, isLimitLean)),
        ];
    }

    /// <summary>The limit program's own bounds.</summary>
    public IReadOnlyList<Score> Lean { get; }

    /// <summary>null = not all of it was measured, and what was is in order.</summary>
    public bool? IsLimitLean { get; }

    public IReadOnlyList<Score> FastSni { get; }

    /// <summary>Every bound this run was to measure is shown to be met.</summary>
    public bool AreBoundsMet => Bounds.All(verdict => verdict == Verdict.Met);

    public int BoundsMet => Bounds.Count(verdict => verdict == Verdict.Met);

    public int BoundsAsked => Bounds.Count();

    private IEnumerable<Verdict> Bounds => FastSni.Select(score => score.OfBound).Where(verdict => verdict != Verdict.None);
}
