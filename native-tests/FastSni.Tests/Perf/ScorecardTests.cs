using FastSni.Compare;
using FastSni.Compare.Reporting;
using Xunit;

namespace FastSni.Tests.Perf;

public class ScorecardTests
{
    private static readonly string[] AllContenders = ["direct", "limit", "nginx", "haproxy", "fastsni"];

    private readonly Results _results = new();

    [Theory]
    [InlineData(90, true, true)]
    [InlineData(105, true, false)]
    [InlineData(111, false, false)]
    public void A_ratio_is_judged_by_the_bound_and_by_the_goal(double cpu, bool isBoundMet, bool isGoalMet)
    {
        Add("conn", "limit", ("cpu", 100));
        Add("conn", "fastsni", ("cpu", cpu));
        Scorecard card = new(_results, ["conn"], ["limit", "fastsni"]);
        Score score = Assert.Single(card.FastSni);
        Assert.Equal((isBoundMet ? Verdict.Met : Verdict.Missed, isGoalMet ? Verdict.Met : Verdict.Missed), (score.OfBound, score.OfWanted));
        Assert.Equal(isBoundMet, card.AreBoundsMet);
    }

    [Fact]
    public void Throughput_has_to_be_at_least_as_much()
    {
        Add("bulk16", "limit", ("cpu", 1), ("rate", 10));
        Add("bulk16", "fastsni", ("cpu", 1), ("rate", 8.9));
        Score rate = new Scorecard(_results, ["bulk16"], ["limit", "fastsni"]).FastSni.Single(score => score.Goal.Metric == "rate");
        Assert.Equal((Verdict.Missed, Verdict.Missed), (rate.OfBound, rate.OfWanted));
    }

    [Fact]
    public void The_best_peer_is_the_one_beside_which_it_looks_worst()
    {
        Add("conn", "nginx", ("cpu", 100));
        Add("conn", "haproxy", ("cpu", 80));
        Add("conn", "fastsni", ("cpu", 90));
        Score score = new Scorecard(_results, ["conn"], AllContenders).FastSni.Single(score => score.Goal.Reference == Goal.BestPeer);
        Assert.Equal(("haproxy", 1.125), (score.Rival, score.Measured.Median));
        Assert.Equal((Verdict.None, Verdict.Missed), (score.OfBound, score.OfWanted));
    }

    [Fact]
    public void What_was_asked_for_and_has_no_value_is_not_met()
    {
        Scorecard card = new(_results, ["start"], ["fastsni"]);
        Assert.All(card.FastSni, score => Assert.Equal(Verdict.NotMeasured, score.OfBound));
        Assert.Equal((false, 0, 2), (card.AreBoundsMet, card.BoundsMet, card.BoundsAsked));
    }

    [Fact]
    public void What_was_not_asked_for_is_not_judged()
    {
        Assert.Empty(new Scorecard(_results, ["conn"], ["limit", "nginx"]).FastSni);
        Assert.Empty(new Scorecard(_results, ["conn"], ["direct", "fastsni"]).FastSni);
        Assert.True(new Scorecard(_results, ["conn"], ["limit", "nginx"]).AreBoundsMet);
    }

    [Fact]
    public void A_limit_that_is_lean_counts()
    {
        AddLimit(callsPerConnection: 16);
        Scorecard card = Compared();
        Assert.True(card.IsLimitLean);
        Assert.Equal(Verdict.Met, LimitRatio(card).OfBound);
    }

    [Fact]
    public void Beside_a_limit_that_is_not_lean_nothing_is_shown_to_be_met()
    {
        AddLimit(callsPerConnection: 16.1);
        Scorecard card = Compared();
        Assert.False(card.IsLimitLean);
        Assert.Equal((Verdict.NotCounting, Verdict.Missed), (LimitRatio(card).OfBound, LimitRatio(card).OfWanted));
        Assert.False(card.AreBoundsMet);
    }

    [Fact]
    public void Whether_limit_is_lean_is_open_while_one_bound_was_not_measured()
    {
        AddLimit(callsPerConnection: 15);
        Assert.Null(new Scorecard(_results, ["bulk16", "syscalls"], AllContenders).IsLimitLean);
    }

    [Fact]
    public void No_figure_is_set_twice_and_a_goal_is_never_laxer_than_its_bound()
    {
        Assert.Distinct(Goals.OfFastSni.Select(goal => (goal.Mode, goal.Metric, goal.Reference)));
        Assert.All(Goals.OfFastSni, goal => Assert.True(goal.Bound is not null || goal.Wanted is not null));
        Assert.All(Goals.OfFastSni.Where(goal => goal.Bound is not null && goal.Wanted is not null),
            goal => Assert.True(goal.IsAtLeast ? goal.Wanted >= goal.Bound : goal.Wanted <= goal.Bound, goal.Sentence));
    }

    private void AddLimit(double callsPerConnection)
    {
        Add("syscalls", "limit", ("connection", callsPerConnection), ("megabyte", 2), ("small", 4.1));
        foreach ((string contender, double cpu) in new[] { ("limit", 0.2), ("nginx", 1), ("fastsni", 0.22) })
        {
            Add("conn-1b", contender, ("cpu", cpu));
            Add("bulk16", contender, ("cpu", cpu), ("rate", 1));
        }
    }

    private Scorecard Compared() => new(_results, ["conn-1b", "bulk16", "syscalls"], AllContenders);

    private static Score LimitRatio(Scorecard card) => card.FastSni.Single(score => score.Goal is { Mode: "bulk16", Metric: "cpu", Reference: "limit" });

    private void Add(string mode, string contender, params (string Key, double Value)[] values) =>
        _results.Add(mode, 1, contender, new(values.ToDictionary(entry => entry.Key, entry => entry.Value)));
}
