namespace FastSni.Config.Schema;

/// <summary>"Did you mean": the known word closest to one written wrongly.</summary>
internal static class Spelling
{
    private const int WordCharactersMax = 64;

    /// <summary>`: did you mean backend?`, or empty where nothing is close.</summary>
    public static string Suggest(string word, IEnumerable<string> known)
    {
        if (word.Length > WordCharactersMax)
            return "";   // Nothing known is so long, and the table below would grow with it.
        string lower = word.ToLowerInvariant();
        // A third of the word may differ: `adress` finds address, `x` finds nothing.
        int distanceMax = Math.Min(3, lower.Length / 3);
        (string? best, int least) = (null, distanceMax + 1);
        foreach (string candidate in known)
        {
            int distance = Distance(lower, candidate.ToLowerInvariant());
            if (distance < least)
                (best, least) = (candidate, distance);
        }
        return best is null ? "" : $": did you mean {best}?";
    }

    /// <summary>Letters added, left out, replaced or swapped with their neighbour ("optimal string alignment").</summary>
    private static int Distance(string left, string right)
    {
        int[,] cost = new int[left.Length + 1, right.Length + 1];
        for (int i = 0; i <= left.Length; i++)
            cost[i, 0] = i;
        for (int j = 0; j <= right.Length; j++)
            cost[0, j] = j;
        for (int i = 1; i <= left.Length; i++)
        {
            for (int j = 1; j <= right.Length; j++)
            {
                int replaced = cost[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, 1 + Math.Min(cost[i - 1, j], cost[i, j - 1]));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], 1 + cost[i - 2, j - 2]);
            }
        }
        return cost[left.Length, right.Length];
    }
}
