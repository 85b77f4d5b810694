using System.Collections.Concurrent;
using System.Diagnostics;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// New clients at a steady rate, of several kinds, until told to stop. What was not served as it should be is kept, none of it is passed over. A machine that
/// can't keep up has fewer clients, and says how many.
/// </summary>
internal sealed class Traffic : IAsyncDisposable
{
    private const int AtOnceMax = 200;

    private readonly CancellationTokenSource _enough = new();
    private readonly List<Task> _streams = [];
    private readonly ConcurrentDictionary<string, int> _served = [];
    private readonly ConcurrentQueue<string> _faults = [];

    public IReadOnlyCollection<string> Faults => _faults;

    public int ServedOf(string kind) => _served.GetValueOrDefault(kind);

    /// <param name="ask">One client from its connect to its end; null: served as it should be, else what went wrong.</param>
    public Traffic Add(string kind, int perSecond, Func<Task<string?>> ask)
    {
        _streams.Add(Task.Run(() => StreamAsync(kind, perSecond, ask)));
        return this;
    }

    /// <summary>The streams have all served some more since now.</summary>
    public async Task GoOnAsync(int clients = 5)
    {
        // Its own ToArray takes one moment; streams are added to it meanwhile.
        KeyValuePair<string, int>[] before = _served.ToArray();
        foreach ((string kind, int count) in before)
            await Patience.UntilAsync(() => ServedOf(kind) >= count + clients || !_faults.IsEmpty, () => $"more clients of {kind}");
    }

    /// <summary>Ends the streams and fails if one client was not served.</summary>
    /// <returns>How many were, by kind.</returns>
    public async Task<string> EndAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_streams).Within("the last clients", Patience.BulkLimit);
        string summary = string.Join(", ", _served.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}"));
        Assert.True(_faults.IsEmpty, $"{_faults.Count} client(s) not served beside {summary}:\n{string.Join('\n', _faults.Take(10))}");
        Assert.NotEmpty(_served);
        return summary;
    }

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_streams);
        _enough.Dispose();
    }

    private async Task StreamAsync(string kind, int perSecond, Func<Task<string?>> ask)
    {
        using SemaphoreSlim places = new(AtOnceMax);
        _served[kind] = 0;
        long start = Stopwatch.GetTimestamp();
        long begun = 0;
        while (!_enough.IsCancellationRequested)
        {
            long due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond);
            for (; begun < due && places.Wait(0); begun++)
                _ = OneAsync(kind, ask, places);
            begun = due;
            await Task.Delay(5);
        }
        for (int i = 0; i < AtOnceMax; i++)
            await places.WaitAsync();
    }

    private async Task OneAsync(string kind, Func<Task<string?>> ask, SemaphoreSlim places)
    {
        DateTimeOffset begin = TimeProvider.System.GetUtcNow();
        try
        {
            if (await Task.Run(ask) is { } wrong)
                Fault(kind, begin, wrong);
            else
                _served.AddOrUpdate(kind, 1, (_, count) => count + 1);
        }
        catch (Exception failure)
        {
            Fault(kind, begin, $"{failure.GetType().Name}: {failure.Message} {failure.InnerException?.Message}");
        }
        finally
        {
            places.Release();
        }
    }

    private void Fault(string kind, DateTimeOffset begin, string wrong) =>
        _faults.Enqueue($"{kind} begun {begin:HH:mm:ss.fff}, failed {TimeProvider.System.GetUtcNow():HH:mm:ss.fff}: {wrong}");
}
