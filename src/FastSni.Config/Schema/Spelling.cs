namespace FastSni.Config.Schema;

/// <summary>"Did you mean": the known word closest to one written wrongly.</summary>
internal static class Spelling
{
    private const int WordCharactersMax = 64;

    /// <summary>`: did you mean backend?`, or empty where nothing is close.</summary>
    public static string Suggest(string word, IEnumerable<string> known)
    {
        if (word.Length > WordCharactersMax)
            return "";
        string lower = word.ToLowerInvariant();
        // A third of the word may differ: `adress` finds address, `x` finds nothing.
        int distanceMax = Math.Min(3, lower.Length / 3);
        var best = known.Select(name => (Name: name, Distance: Distance(lower, name.ToLowerInvariant())))
            .Where(candidate => candidate.Distance <= distanceMax)
            .MinBy(candidate => candidate.Distance);
        return best.Name is null ? "" : $": did you mean {best.Name}?";
    }

    /// <summary>Levenshtein distance: letters added, left out or replaced.</summary>
    private static int Distance(string left, string right)
    {
        Span<int> row = stackalloc int[WordCharactersMax + 1];
        if (right.Length > WordCharactersMax)
            return int.MaxValue;
        for (int j = 0; j <= right.Length; j++)
            row[j] = j;
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[right.Length];
    }
}
