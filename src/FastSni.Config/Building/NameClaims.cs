using System.Collections.Immutable;
using FastSni.Config.Names;
using FastSni.Config.Routing;

namespace FastSni.Config.Building;

/// <summary>Builds the listeners' tables, and finds which sections share a name and which may not.</summary>
internal sealed class NameClaims(List<SectionDraft> sections, NameCollector collector, Findings findings)
{
    private readonly Dictionary<string, RouteTable> _tables = [];
    private readonly Dictionary<uint, Clash> _clashes = [];   // By the second entry: listeners may share both sections.
    private readonly HashSet<(SectionDraft, SectionDraft)> _shares = [];

    /// <summary>Two entries of one name that exclude each other.</summary>
    private sealed record Clash(uint First, uint Second, ListenerDraft Listener);

    /// <summary>Pairs of offload sections that have a name in common on some listener; the first of each pair is the name's first section.</summary>
    public IEnumerable<(SectionDraft First, SectionDraft Second)> Shares => _shares;

    /// <summary>The table of some sections; the same sections have the same table.</summary>
    /// <param name="isCarried">By the section's index: whether the listener carries its names.</param>
    public RouteTable Build(bool[] isCarried, ListenerDraft listener)
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
            Origin second = origins[clash.Second];
            findings.Error(second.Place, second.Source.Section.Title, second.Source.Key.Name, Describe(clash, origins[clash.First]));
        }
    }

    private string Describe(Clash clash, Origin first)
    {
        string pattern = collector.Names.PatternOf(clash.First);
        (SectionDraft one, SectionDraft other) = (SectionOf(clash.First), SectionOf(clash.Second));
        if (one == other)
            return $"{pattern} is written twice in this section: first at {first.Place}; keep one of them";
        string claim = $"claimed twice on listener {clash.Listener.Section.Name}";
        string where = $"first at {first.Place} by [{first.Source.Section.Title}]";
        if (one.IsOffload && other.IsOffload)
            return $"{pattern} is {claim} with the path {one.Path}: {where}; give one of them another path";
        string remedy = clash.Listener.Mode == ListenMode.Http ? "with listen, give each of them an http listener of its own" : "keep one of them";
        return $"{pattern} is {claim}: {where}; {remedy}";
    }

    private RouteTable BuildNew(bool[] isCarried, ListenerDraft listener)
    {
        NameStore names = collector.Names;
        NameSlots slots = new(names, names.Entries.Count(entry => isCarried[names.SectionOf(entry)]));
        Dictionary<uint, List<uint>> shared = [];
        foreach (uint entry in names.Entries)
        {
            if (!isCarried[names.SectionOf(entry)] || slots.FindOrAdd(entry) is not (> 0 and uint first))
                continue;
            List<uint> owners = shared.GetValueOrDefault(first) ?? [first];
            if (RivalOf(entry, owners) is { } rival)
                Add(new Clash(rival, entry, listener));
            else
            {
                owners.Add(entry);
                shared[first] = owners;
                _shares.Add((SectionOf(first), SectionOf(entry)));
            }
        }
        return new RouteTable(names, slots, shared.ToDictionary(pair => pair.Key, pair => pair.Value.Select(names.SectionOf).ToImmutableArray()));
    }

    /// <summary>The entry of the same name that excludes this one: only offload sections with different paths share a name.</summary>
    private uint? RivalOf(uint entry, List<uint> owners)
    {
        SectionDraft section = SectionOf(entry);
        foreach (uint owner in owners)
        {
            SectionDraft other = SectionOf(owner);
            if (!section.IsOffload || !other.IsOffload || section.Path == other.Path)
                return owner;
        }
        return null;
    }

    private void Add(Clash clash)
    {
        if (_clashes.Count < Findings.ErrorsMax)
            _clashes.TryAdd(clash.Second, clash);
        else if (!_clashes.ContainsKey(clash.Second))
            findings.CountOnly(1);
    }

    private SectionDraft SectionOf(uint entry) => sections[collector.Names.SectionOf(entry)];
}
