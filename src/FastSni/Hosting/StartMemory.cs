namespace FastSni.Hosting;

/// <summary>What the start needed and nothing needs from then on: its garbage.</summary>
internal static class StartMemory
{
    private static readonly TimeSpan StartTime = TimeSpan.FromMilliseconds(500);

    /// <summary>Gives it back once, a moment after the start.</summary>
    internal static async Task GiveBackAsync(CancellationToken stop)
    {
        await Task.Delay(StartTime, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stop.IsCancellationRequested)
            return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
