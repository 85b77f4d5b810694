using System.Diagnostics;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// Every wait of these tests has an end. The limits are far above what a busy two-core machine needs: passing one is a hang, not slowness.
/// </summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    public static readonly TimeSpan BulkLimit = Scale.IsLong ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static async Task<T> Within<T>(this Task<T> task, string what, TimeSpan? limit = null)
    {
        try
        {
            return await task.WaitAsync(limit ?? Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"waited {limit ?? Limit} in vain: {what}");
        }
    }

    public static async Task Within(this Task task, string what, TimeSpan? limit = null)
    {
        try
        {
            await task.WaitAsync(limit ?? Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"waited {limit ?? Limit} in vain: {what}");
        }
    }

    /// <summary>Asks again and again until the answer is yes.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan? limit = null)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > (limit ?? Limit))
                throw new TimeoutException($"waited {limit ?? Limit} in vain: {what()}");
            await Task.Delay(Interval);
        }
    }

    public static Task UntilAsync(Func<bool> condition, Func<string> what, TimeSpan? limit = null) =>
        UntilAsync(() => Task.FromResult(condition()), what, limit);
}

/// <summary>The everyday run is kept to minutes; FASTSNI_LONG=1 asks for the full numbers.</summary>
internal static class Scale
{
    public static readonly bool IsLong = Environment.GetEnvironmentVariable("FASTSNI_LONG") == "1";

    public static int Of(int everyday, int full) => IsLong ? full : everyday;
}
