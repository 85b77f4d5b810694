using FastSni.Compare.Contenders;

namespace FastSni.Compare;

/// <summary>Everything measured, and the two ways to look at it: a value's spread, and ratios inside one repetition.</summary>
internal sealed class Results
{
    private readonly Dictionary<(string Mode, int Repetition, string Contender), Sample> _samples = [];
    private readonly List<(string Mode, string Remark)> _remarks = [];

    /// <summary>What ratios are to. Noise that lasts longer than a repetition cancels out in them.</summary>
    public static IReadOnlyList<string> References { get; } =
        [ContenderCatalogue.Limit, ContenderCatalogue.Nginx, ContenderCatalogue.Haproxy, ContenderCatalogue.Caddy];

    public void Add(string mode, int repetition, string contender, Sample sample)
    {
        _samples.Add((mode, repetition, contender), sample);
        foreach (string remark in sample.Remarks)
            _remarks.Add((mode, $"{contender} #{repetition}: {remark}"));
    }

    public void AddFailure(string mode, int repetition, string contender, string why) =>
        _remarks.Add((mode, $"{contender} #{repetition}: not measured: {why}"));

    public IEnumerable<string> Remarks(string mode) => _remarks.Where(entry => entry.Mode == mode).Select(entry => entry.Remark);

    public Spread Values(string mode, string contender, string metric) => new(Repetitions(mode, contender)
        .Where(entry => entry.Sample.Values.ContainsKey(metric)).Select(entry => entry.Sample.Values[metric]));

    /// <summary>The values of the repetitions from the first on; null = this one was not measured.</summary>
    public IReadOnlyList<double?> EachRepetition(string mode, string contender, string metric)
    {
        Dictionary<int, double> values = Repetitions(mode, contender).Where(entry => entry.Sample.Values.ContainsKey(metric))
            .ToDictionary(entry => entry.Repetition, entry => entry.Sample.Values[metric]);
        return [.. Enumerable.Range(1, values.Keys.DefaultIfEmpty(0).Max()).Select(repetition => values.TryGetValue(repetition, out double value) ? value : (double?)null)];
    }

    public Spread Ratio(string mode, string contender, string other, string metric) =>
        Against(mode, contender, other, metric, (own, others) => own / others);

    public Spread Difference(string mode, string contender, string other, string metric) =>
        Against(mode, contender, other, metric, (own, others) => own - others);

    // A value against another contender's in the same repetition.
    private Spread Against(string mode, string contender, string other, string metric, Func<double, double, double> compare) => new(
        from entry in Repetitions(mode, contender)
        where entry.Sample.Values.ContainsKey(metric)
        let otherSample = _samples.GetValueOrDefault((mode, entry.Repetition, other))
        where otherSample is not null && otherSample.Values.ContainsKey(metric)
        select compare(entry.Sample.Values[metric], otherSample.Values[metric]));

    private IEnumerable<(int Repetition, Sample Sample)> Repetitions(string mode, string contender) =>
        from entry in _samples
        where entry.Key.Mode == mode && entry.Key.Contender == contender
        orderby entry.Key.Repetition
        select (entry.Key.Repetition, entry.Value);
}
