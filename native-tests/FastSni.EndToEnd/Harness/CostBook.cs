using System.Globalization;
using System.Text;
using Xunit.Abstractions;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// The committed costs, native-tests/costs.ini: a section for each kind of work, with what one unit of it costs and how far a run may lie above that.
/// </summary>
internal static class CostBook
{
    private const string File = "native-tests/costs.ini", Margin = "margin", Total = "total";
    private const string FirstMargin = "0.3";   // Of a kind that is new; to be looked at by who adds it.

    private static readonly Lock Gate = new();

    private static bool Renews => Environment.GetEnvironmentVariable("FASTSNI_RENEW_COSTS") == "1";

    private static string Path => System.IO.Path.Combine(Root(), File);

    /// <summary>
    /// Passes if one of three rounds costs no more than what is committed: what stirs beside it on the machine makes a round dearer, a regression makes all of
    /// them so.
    /// </summary>
    /// <param name="round">What a unit costs, by name; the total is their sum.</param>
    /// <param name="isExact">Each name keeps to its own figure as well, one that the book does not know may not come up, and a gain has to be written down.</param>
    public static async Task CheckAsync(string kind, Func<Task<IReadOnlyDictionary<string, double>>> round, bool isExact, ITestOutputHelper output)
    {
        List<IReadOnlyDictionary<string, double>> rounds = [];
        List<string> complaints = [];
        do
        {
            rounds.Add(await round());
            complaints = Renews ? ["renewed"] : Complaints(kind, rounds[^1], isExact);
            output.WriteLine($"{kind}: {Text(rounds[^1])}");
        }
        while (complaints.Count > 0 && rounds.Count < 3);
        if (Renews)
            Write(kind, rounds.OrderBy(costs => costs.Values.Sum()).ElementAt(1), isExact);
        else
            Xunit.Assert.True(complaints.Count == 0, $"{kind} costs other than {File} says: {string.Join("; ", complaints)}\n{string.Join('\n', rounds.Select(Text))}");
    }

    private static List<string> Complaints(string kind, IReadOnlyDictionary<string, double> costs, bool isExact)
    {
        Dictionary<string, double> committed = Read().GetValueOrDefault(kind, []).ToDictionary(pair => pair.Key, pair => double.Parse(pair.Value, CultureInfo.InvariantCulture));
        if (!committed.Remove(Margin, out double margin) || !committed.TryGetValue(Total, out double total))
            return ["it is not in the book: run this test with FASTSNI_RENEW_COSTS=1"];
        double sum = costs.Values.Sum();
        List<string> complaints = [];
        Compare(Total, sum, total);
        foreach ((string name, double cost) in costs.Where(_ => isExact))
            Compare(name, cost, committed.GetValueOrDefault(name));
        // Less than half is no gain: nothing was measured.
        if (sum < (isExact ? total - margin : total / 2))
            complaints.Add(Line($"{Total} is {sum:0.##}, less than {total:0.##}: if that is a gain, keep it by running this test with FASTSNI_RENEW_COSTS=1"));
        return complaints;

        void Compare(string name, double cost, double figure)
        {
            if (cost > figure + margin)
                complaints.Add(Line($"{name} is {cost:0.##}, more than {figure:0.##} + {margin}"));
        }
    }

    private static void Write(string kind, IReadOnlyDictionary<string, double> costs, bool isExact)
    {
        lock (Gate)
        {
            Dictionary<string, Dictionary<string, string>> book = Read();
            Dictionary<string, string> section = new() { [Margin] = book.GetValueOrDefault(kind)?.GetValueOrDefault(Margin) ?? FirstMargin, [Total] = Number(costs.Values.Sum()) };
            // What comes up now and then is no part of the work.
            foreach ((string name, double cost) in costs.Where(cost => isExact && cost.Value >= 0.05).OrderBy(cost => cost.Key, StringComparer.Ordinal))
                section[name] = Number(cost);
            book[kind] = section;
            StringBuilder text = new();
            foreach (string line in System.IO.File.ReadLines(Path).TakeWhile(line => !line.StartsWith('[')))
                text.AppendLine(line);
            text.AppendJoin('\n', book.Select(entry => $"[{entry.Key}]\n{string.Concat(entry.Value.Select(pair => $"{pair.Key} = {pair.Value}\n"))}"));
            System.IO.File.WriteAllText(Path, text.ToString());
        }
    }

    private static Dictionary<string, Dictionary<string, string>> Read()
    {
        Dictionary<string, Dictionary<string, string>> book = [];
        string kind = "";
        foreach (string line in System.IO.File.ReadLines(Path).Where(line => line.Length > 0 && !line.StartsWith('#')))
        {
            if (line.StartsWith('['))
                book[kind = line.Trim('[', ']')] = [];
            else
                book[kind].Add(line.Split(" = ")[0], line.Split(" = ")[1]);
        }
        return book;
    }

    private static string Text(IReadOnlyDictionary<string, double> costs) =>
        Line($"{costs.Values.Sum():0.00} = ") + string.Join(" + ", costs.OrderByDescending(cost => cost.Value).Select(cost => Line($"{cost.Key} {cost.Value:0.00}")));

    private static string Number(double cost) => cost.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(System.IO.Path.Combine(folder.FullName, "FastSni.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("FastSni.sln is not above the test assembly");
    }
}
