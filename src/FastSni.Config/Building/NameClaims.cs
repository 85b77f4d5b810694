using FastSni.Config.Names;
using FastSni.Config.Routing;

namespace FastSni.Config.Building;

/// <summary>Builds the listeners' tables, and finds names that are claimed twice on one listener.</summary>
internal sealed class NameClaims(NameCollector collector, Findings findings)
{
    private readonly Dictionary<string, RouteTable> _tables = [];
    private readonly Dictionary<uint, Clash> _clashes = [];   // By the second entry: listeners may share both sections.

    /// <summary>Two entries of one name.</summary>
    private sealed record Clash(uint First, uint Second, string Listener);

    /// <summary>The table of some sections; the same sections have the same table.</summary>
    /// <param name="isCarried">By the section's index: whether the listener carries its names.</param>
    public RouteTable Build(bool[] isCarried, string listener)
    {
        string identity = string.Concat(isCarried.Select(carried => carried ? '1' : '0'));
        if (!_tables.TryGetValue(identity, out RouteTable? table))
            _tables.Add(identity, table = BuildNew(isCarried, listener));
        return table;
    }

    /// <summary>Reports what building has found, once all tables are built.</summary>
    public void Report()
    {
        if (_clashes.Count == 0)
            return;
        Dictionary<uint, Origin> origins = NameOrigins.Find(collector, _clashes.Values.SelectMany(clash => new[] { clash.First, clash.Second }));
        foreach (Clash clash in _clashes.Values)
        {
            Origin first = origins[clash.First];
            Origin second = origins[clash.Second];
            string pattern = collector.Names.PatternOf(clash.First);
            string sentence = first.Source.Section == second.Source.Section
                ? $"{pattern} is written twice in this section: first at {first.Place}; keep one of them"
                : $"{pattern} is claimed twice on listener {clash.Listener}: " +
                  $"first at {first.Place} by [{first.Source.Section.Title}]; keep one of them";
            findings.Error(second.Place, second.Source.Section.Title, second.Source.Key.Name, sentence);
        }
    }

    private RouteTable BuildNew(bool[] isCarried, string listener)
    {
        NameStore names = collector.Names;
        NameSlots slots = new(names, names.Entries.Count(entry => isCarried[names.SectionOf(entry)]));
        foreach (uint entry in names.Entries)
        {
            if (!isCarried[names.SectionOf(entry)] || slots.FindOrAdd(entry) is not (> 0 and uint first))
                continue;
            if (_clashes.Count < Findings.ErrorsMax)
                _clashes.TryAdd(entry, new Clash(first, entry, listener));
            else if (!_clashes.ContainsKey(entry))
                findings.CountOnly(1);
        }
        return new RouteTable(names, slots);
    }
}
