using System.Globalization;
using FastSni.Reports;

namespace FastSni.Compare.Reporting;

/// <summary>The scorecard's two tables.</summary>
internal static class GoalTable
{
    public static Table OfFastSni(Scorecard card, RunOptions options)
    {
        List<string> remarks = [$"{card.BoundsMet} of {card.BoundsAsked} bounds are met"];
        if (options.Names != Goals.Names || options.IdleConnections != Goals.IdleConnections)
            remarks.Add(string.Create(CultureInfo.InvariantCulture,
                $"the figures are meant for {Goals.Names:#,0} names and {Goals.IdleConnections:#,0} idle connections, not for {options.Names:#,0} and {options.IdleConnections:#,0}"));
        return new("FastSni against what is asked of it", ["what", "measured", "not acceptable beyond", "met", "goal", "met"],
            [.. card.FastSni.Select(score => (string[])[score.Goal.Sentence, Measured(score), .. Cells(score.Goal, score.Goal.Bound, score.OfBound),
                .. Cells(score.Goal, score.Goal.Wanted, score.OfWanted)])], remarks);
    }

    public static Table OfLimit(Scorecard card) => new("Is limit lean?", ["what", "measured", "bound", "met"],
        [.. card.Lean.Select(score => (string[])[score.Goal.Sentence, Measured(score), .. Cells(score.Goal, score.Goal.Bound, score.OfBound)])],
        [card.IsLimitLean switch
        {
            true => "limit is lean: ratios to it count",
            false => "limit is not lean: no ratio to it shows that a bound or a goal is met",
            null => "not all of it was measured: ratios to limit are taken as they are",
        }]);

    private static string Measured(Score score) =>
        score.Measured.Show(score.Goal.Format) + (score.Goal.Reference == Goal.BestPeer && score.Rival is string rival ? " to " + rival : "");

    private static string[] Cells(Goal goal, double? figure, Verdict verdict) => figure is double asked
        ? [(goal.IsAtLeast ? "≥ " : "≤ ") + asked.ToString(goal.Format, CultureInfo.InvariantCulture), Show(verdict)]
        : ["–", "–"];

    private static string Show(Verdict verdict) => verdict switch
    {
        Verdict.Met => "yes",
        Verdict.Missed => "NO",
        Verdict.NotMeasured => "not measured",
        _ => "does not count",
    };
}
