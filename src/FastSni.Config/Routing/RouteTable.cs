using System.Collections.Immutable;
using System.Text;
using FastSni.Config.Names;
using FastSni.Config.Routing;

namespace FastSni.Config;

/// <summary>The entry that decides about a name.</summary>
/// <param name="Section">Its section's place in <see cref="Snapshot.Sections"/>.</param>
/// <param name="Pattern">In canonical form: `mail.example.org` or `*.example.org`.</param>
public sealed record RouteMatch(int Section, string Pattern);

/// <summary>
/// Which section owns a server name on a listener. The most specific entry wins: the name itself, else the longest suffix.
/// Immutable, and safe to read from every thread.
/// </summary>
public sealed class RouteTable
{
    private readonly NameStore _names;
    private readonly NameSlots _slots;
    private readonly bool[] _hasSuffixOf;   // By a number of labels.
    private readonly int _suffixesMax;      // How many suffixes of one name may have to be looked up.
    private readonly Dictionary<uint, ImmutableArray<int>> _shared;

    /// <param name="slots">Entries of <paramref name="names"/>, which are not to be added to any more.</param>
    /// <param name="shared">By the entry in the slots: every section of a name that several have, the entry's own first.</param>
    internal RouteTable(NameStore names, NameSlots slots, Dictionary<uint, ImmutableArray<int>> shared)
    {
        (_names, _slots, _hasSuffixOf, _shared) = (names, slots, slots.HasSuffixOf, shared);
        _suffixesMax = _hasSuffixOf.Count(isUsed => isUsed);
    }

    public static RouteTable Empty { get; } = Create();

    /// <summary>Entries in the table: `.example.org` makes two.</summary>
    public int Count => _slots.Count;

    /// <summary>The section's place in <see cref="Snapshot.Sections"/>, or −1. Allocates nothing.</summary>
    /// <param name="serverName">As the client sent it: any bytes, any case, with or without a trailing dot.</param>
    public int Find(ReadOnlySpan<byte> serverName)
    {
        uint entry = FindEntry(serverName);
        return entry == 0 ? -1 : _names.SectionOf(entry);
    }

    /// <summary>
    /// Every section that has the entry <see cref="Find"/> decides by: offload sections may share a name with different paths. Empty: nobody has it.
    /// </summary>
    public ImmutableArray<int> FindAll(ReadOnlySpan<byte> serverName)
    {
        uint entry = FindEntry(serverName);
        if (entry == 0)
            return [];
        return _shared.TryGetValue(entry, out ImmutableArray<int> sections) ? sections : [_names.SectionOf(entry)];
    }

    /// <summary>What <see cref="Find"/> found, for people; null where it finds nothing. Allocates.</summary>
    public RouteMatch? Explain(ReadOnlySpan<byte> serverName)
    {
        uint entry = FindEntry(serverName);
        return entry == 0 ? null : new RouteMatch(_names.SectionOf(entry), _names.PatternOf(entry));
    }

    /// <summary>A table without configuration files, for tests and benchmarks. A pattern given again is shared.</summary>
    internal static RouteTable Create(params IEnumerable<(string Pattern, int Section)> claims)
    {
        NameStore names = new();
        foreach ((string text, int section) in claims)
        {
            if (!NamePattern.TryParse(Encoding.UTF8.GetBytes(text), out NamePattern pattern, out string problem))
                throw new ArgumentException(problem, nameof(claims));
            names.Append(section, pattern);
        }
        NameSlots slots = new(names, names.Count);
        Dictionary<uint, ImmutableArray<int>> shared = [];
        foreach (uint entry in names.Entries)
        {
            if (slots.FindOrAdd(entry) is > 0 and uint first)
                shared[first] = shared.GetValueOrDefault(first, [names.SectionOf(first)]).Add(names.SectionOf(entry));
        }
        return new RouteTable(names, slots, shared);
    }

    private uint FindEntry(ReadOnlySpan<byte> name)
    {
        if (name.EndsWith("."u8))
            name = name[..^1];
        Span<Suffix> suffixes = stackalloc Suffix[_suffixesMax];
        int found = 0;
        int labels = 1;
        int labelEnd = name.Length;
        ulong hash = NameHash.Start;
        for (int i = name.Length - 1; i >= 0; i--)
        {
            hash = NameHash.Add(hash, name[i]);
            if (name[i] != '.')
                continue;
            if (labelEnd - i == 1)
                return 0;   // An empty label: no host name, so nobody's.
            if (labels <= NameSlots.LabelsMax && _hasSuffixOf[labels])
                suffixes[found++] = new Suffix(NameHash.End(hash), i);
            labels++;
            labelEnd = i;
        }
        if (labelEnd == 0)
            return 0;   // No name at all, or a leading dot: a suffix as the table keeps it is not for clients to ask for.

        uint entry = _slots.Find(NameHash.End(hash), name);
        while (entry == 0 && found > 0)
        {
            Suffix longest = suffixes[--found];
            entry = _slots.Find(longest.Hash, name[longest.Start..]);
        }
        return entry;
    }

    /// <summary>A part of the name that might be in the table as a suffix, beginning with its dot.</summary>
    private readonly record struct Suffix(uint Hash, int Start);
}
