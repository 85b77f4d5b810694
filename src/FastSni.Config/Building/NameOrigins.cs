using FastSni.Config.Ini;
using FastSni.Config.Names;

namespace FastSni.Config.Building;

/// <summary>Where an entry of the store was written.</summary>
internal readonly record struct Origin(NameSource Source, Place Place);

/// <summary>
/// Finds again where entries were written. Keeping a line number for each of a million names would cost every start memory for an
/// error that is rare, so a names-file is read a second time instead.
/// </summary>
internal static class NameOrigins
{
    public static Dictionary<uint, Origin> Find(NameCollector collector, IEnumerable<uint> entries)
    {
        HashSet<uint> wanted = [.. entries];
        Dictionary<uint, Origin> origins = [];
        // By source: which of its entries are wanted, counted from its first.
        Dictionary<NameSource, SortedDictionary<int, uint>> bySource = [];
        int ordinal = 0;
        int next = 0;
        foreach (uint entry in collector.Names.Entries)
        {
            while (next < collector.Sources.Count && collector.Sources[next].FirstOrdinal <= ordinal)
                next++;
            NameSource source = collector.Sources[next - 1];
            if (wanted.Contains(entry))
            {
                bySource.TryAdd(source, []);
                bySource[source].Add(ordinal - source.FirstOrdinal, entry);
            }
            ordinal++;
        }
        foreach ((NameSource source, SortedDictionary<int, uint> ordinals) in bySource)
        {
            foreach ((int at, Place place) in PlacesIn(source, ordinals.Keys))
                origins[ordinals[at]] = new Origin(source, place);
        }
        return origins;
    }

    private static IEnumerable<(int Ordinal, Place Place)> PlacesIn(NameSource source, IEnumerable<int> ordinals)
    {
        if (source.File is null)
            return ordinals.Select(ordinal => (ordinal, source.Section.PlaceOf(source.Key)));
        int[] lines = LinesIn(source.File, [.. ordinals]);
        return ordinals.Select((ordinal, i) => (ordinal, new Place(source.File, lines[i])));
    }

    /// <summary>The lines of some of a file's entries, in ascending order; 0 where the file has changed under our hands.</summary>
    private static int[] LinesIn(string file, int[] ordinals)
    {
        int[] lines = new int[ordinals.Length];
        try
        {
            using NamesFileReader reader = new(file);
            int found = 0;
            for (int ordinal = 0; found < ordinals.Length && reader.TryRead(out NamePattern pattern, out string problem);)
            {
                if (problem.Length > 0)
                    continue;
                ordinal += pattern.Entries;
                for (; found < ordinals.Length && ordinals[found] < ordinal; found++)
                    lines[found] = reader.LineNumber;
            }
        }
        catch (Exception exception) when (InputFile.IsExpected(exception))
        {
            // The names are known to clash all the same; the message does without the lines.
        }
        return lines;
    }
}
