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
        var bySource = collector.Names.Entries
            .Select((entry, ordinal) => (Entry: entry, Ordinal: ordinal))
            .Where(one => wanted.Contains(one.Entry))
            .GroupBy(one => collector.Sources.Last(source => source.FirstOrdinal <= one.Ordinal));
        foreach (var ofSource in bySource)
        {
            NameSource source = ofSource.Key;
            Place[] places = PlacesIn(source, [.. ofSource.Select(one => one.Ordinal - source.FirstOrdinal)]);
            foreach ((var one, Place place) in ofSource.Zip(places))
                origins.Add(one.Entry, new Origin(source, place));
        }
        return origins;
    }

    private static Place[] PlacesIn(NameSource source, int[] ordinals) => source.File is null
        ? [.. ordinals.Select(_ => source.Section.PlaceOf(source.Key))]
        : [.. LinesIn(source.File, ordinals).Select(line => new Place(source.File, line))];

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
