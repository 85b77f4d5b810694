using FastSni.Compare.Contenders;
using FastSni.Compare.Modes;
using FastSni.Reports;

namespace FastSni.Compare.Reporting;

/// <summary>A mode's results: one row a contender; behind each compared metric the ratios to the references.</summary>
internal static class ModeTable
{
    private const string RatioFormat = "0.00", DifferenceFormat = "+0.0;-0.0;0.0";

    public static Table Build(Mode mode, IReadOnlyList<Contender> contenders, Results results)
    {
        string[] references = [.. Results.References.Where(reference => contenders.Any(contender => contender.Name == reference && mode.Takes(contender)))];
        bool hasDirect = contenders.Any(contender => contender is DirectContender);
        List<string> headers = ["contender"];
        foreach (Metric metric in mode.Metrics)
        {
            headers.Add(metric.Header);
            if (metric.IsCompared)
                headers.AddRange(references.Select(reference => "× " + reference));
            if (metric.IsOverDirect && hasDirect)
                headers.Add("over direct");
        }
        return new($"{mode.Name}: {mode.Title}", headers, [.. contenders.Where(mode.Takes).Select(Row)], [.. results.Remarks(mode.Name)]);

        IReadOnlyList<string> Row(Contender contender)
        {
            List<string> row = [contender.Name];
            foreach (Metric metric in mode.Metrics)
            {
                row.Add(results.Values(mode.Name, contender.Name, metric.Key).Show(metric.Format));
                if (metric.IsCompared)
                    row.AddRange(references.Select(reference => Ratio(contender, metric, reference)));
                if (metric.IsOverDirect && hasDirect)
                    row.Add(OverDirect(contender, metric));
            }
            return row;
        }

        string Ratio(Contender contender, Metric metric, string reference) =>
            results.Ratio(mode.Name, contender.Name, reference, metric.Key).ShowMedian(RatioFormat);

        string OverDirect(Contender contender, Metric metric) =>
            results.Difference(mode.Name, contender.Name, ContenderCatalogue.Direct, metric.Key).ShowMedian(DifferenceFormat);
    }
}
