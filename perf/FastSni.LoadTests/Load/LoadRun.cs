namespace FastSni.LoadTests.Load;

/// <summary>Drives one scenario's step as a plan says, and counts.</summary>
internal sealed class LoadRun(Func<CancellationToken, Task<StepResult>> step, LoadPlan plan, TimeProvider time)
{
    /// <summary>More steps at once are no load any more but a heap of sockets.</summary>
    public const int InFlightMax = 4_000;

    /// <summary>A timer's doing: what begins no later than this counts from its beginning, and everything else from when it was due.</summary>
    public static readonly TimeSpan TimerGrain = TimeSpan.FromMilliseconds(2);

    // A gateway that refuses at once is not to be asked as fast as it can refuse.
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(20);

    private long _begin;

    public LoadTally Tally { get; } = new(plan.Length);

    public TimeSpan Elapsed => _begin == 0 ? TimeSpan.Zero : time.GetElapsedTime(_begin);

    /// <summary>Ends with the last step that it began. Interrupted it begins no more of them.</summary>
    public async Task RunAsync(CancellationToken interrupt)
    {
        _begin = time.GetTimestamp();
        if (plan.Model is Inject inject)
            await InjectAsync(inject.RatePerSecond, interrupt);
        else if (plan.Model is KeepConstant keep)
            await Task.WhenAll(Enumerable.Range(0, keep.Clients).Select(_ => BeClientAsync(interrupt)));
    }

    private async Task InjectAsync(int rate, CancellationToken interrupt)
    {
        using SemaphoreSlim places = new(InFlightMax);
        for (long number = 0; !interrupt.IsCancellationRequested; number++)
        {
            TimeSpan due = new(number * TimeSpan.TicksPerSecond / rate);
            if (due >= plan.End)
                break;
            if (due - Elapsed is var wait && wait > TimeSpan.Zero)
                await Task.Delay(wait, time, interrupt).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (interrupt.IsCancellationRequested)
                break;
            if (places.Wait(0, CancellationToken.None))
                _ = TakeAsync(due, places, interrupt);
            else if (due >= plan.WarmUp)
                Tally.CountNotStarted();
        }
        // All places are free again when the last step has ended.
        for (int taken = 0; taken < InFlightMax; taken++)
            await places.WaitAsync(CancellationToken.None);
    }

    private async Task TakeAsync(TimeSpan due, SemaphoreSlim places, CancellationToken interrupt)
    {
        TimeSpan began = Elapsed;
        bool isLate = began - due > TimerGrain;
        if (isLate && due >= plan.WarmUp)
            Tally.CountLate();
        await DoAsync(due, isLate ? due : began, interrupt);
        places.Release();
    }

    private async Task BeClientAsync(CancellationToken interrupt)
    {
        while (Elapsed is var began && began < plan.End && !interrupt.IsCancellationRequested)
        {
            if (!await DoAsync(began, began, interrupt))
                await Task.Delay(PauseAfterFailure, time, interrupt).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <param name="due">Whether it counts.</param>
    /// <param name="from">What its latency counts from.</param>
    /// <returns>Whether it went well.</returns>
    private async Task<bool> DoAsync(TimeSpan due, TimeSpan from, CancellationToken interrupt)
    {
        StepResult result;
        try
        {
            result = await step(interrupt);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception defect)
        {
            // Whatever the step did not foresee is counted like the rest, and not lost with a task nobody awaits.
            result = StepResult.Failed($"{defect.GetType().Name}: {defect.Message}");
        }
        if (due >= plan.WarmUp)
            Tally.Record(result, Elapsed - from, Elapsed - plan.WarmUp);
        return result.IsOk;
    }
}
