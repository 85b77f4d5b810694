namespace FastSni.Compare.Modes;

/// <summary>
/// Two things that differ by little, in short windows in turn: A B, B A, A B … What a machine does beside, and how it changes, meets both alike,
/// and a window that it spoilt is one of many.
/// </summary>
internal static class Pairs
{
    public const int Count = 10;

    /// <returns>Medians over all pairs, and the median of the ratios inside a pair.</returns>
    public static (double First, double Second, double Growth) Alternate(Func<double> first, Func<double> second)
    {
        List<double> firsts = [], seconds = [];
        for (int pair = 0; pair < Count; pair++)
        {
            if (pair % 2 == 0)
                firsts.Add(first());
            seconds.Add(second());
            if (pair % 2 == 1)
                firsts.Add(first());
        }
        return (new Spread(firsts).Median, new Spread(seconds).Median, new Spread(seconds.Zip(firsts, (own, other) => own / other)).Median);
    }
}
