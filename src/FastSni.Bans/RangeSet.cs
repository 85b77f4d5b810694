using System.Numerics;

namespace FastSni.Bans;

/// <summary>Numbers in ranges, as two sorted arrays of ends: a search looks at one of them, and then once at the other.</summary>
internal sealed class RangeSet<T>
    where T : struct, IBinaryInteger<T>
{
    private readonly T[] _firsts;
    private readonly T[] _lasts;

    /// <param name="ranges">In any order; they may overlap.</param>
    internal RangeSet(IEnumerable<(T First, T Last)> ranges)
    {
        (T First, T Last)[] sorted = [.. ranges];
        Array.Sort(sorted, (one, other) => one.First.CompareTo(other.First));
        int count = 0;
        foreach ((T first, T last) in sorted)
        {
            if (count > 0 && first <= sorted[count - 1].Last)
                sorted[count - 1].Last = T.Max(last, sorted[count - 1].Last);
            else
                sorted[count++] = (first, last);
        }
        (_firsts, _lasts) = (new T[count], new T[count]);
        for (int i = 0; i < count; i++)
            (_firsts[i], _lasts[i]) = sorted[i];
    }

    internal bool IsEmpty => _firsts.Length == 0;

    internal bool Contains(T number)
    {
        int found = _firsts.AsSpan().BinarySearch(number);
        int before = found >= 0 ? found : ~found - 1;
        return before >= 0 && number <= _lasts[before];
    }
}
