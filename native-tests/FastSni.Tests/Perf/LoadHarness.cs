using FastSni.LoadTests.Load;

namespace FastSni.Tests.Perf;

/// <summary>Time and steps that obey a test.</summary>
internal static class LoadHarness
{
    /// <summary>A clock that stands still but for who waits for it: a timer takes it to its due time, at once.</summary>
    internal sealed class Time : TimeProvider
    {
        private long _ticks = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Advance(dueTime);
            ThreadPool.QueueUserWorkItem(_ => callback(state));
            return new Fired();
        }

        private sealed class Fired : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    /// <summary>A step that lasts until it is let out.</summary>
    internal sealed class Gate : IDisposable
    {
        private readonly SemaphoreSlim _exit = new(0);
        private readonly SemaphoreSlim _changes = new(0);
        private int _inside, _insideMax, _entered;

        public int Inside => Volatile.Read(ref _inside);
        public int InsideMax => Volatile.Read(ref _insideMax);
        public int Entered => Volatile.Read(ref _entered);

        public async Task<StepResult> EnterAsync(CancellationToken cancel)
        {
            int inside = Interlocked.Increment(ref _inside);
            while (Volatile.Read(ref _insideMax) is var most && most < inside)
                Interlocked.CompareExchange(ref _insideMax, inside, most);
            Interlocked.Increment(ref _entered);
            _changes.Release();
            await _exit.WaitAsync(cancel);
            Interlocked.Decrement(ref _inside);
            return StepResult.Ok(0);
        }

        public void LetOneOut() => _exit.Release();

        public void Dispose()
        {
            _exit.Dispose();
            _changes.Dispose();
        }

        public async Task EnteredAsync(int times, TimeSpan patience)
        {
            while (Entered < times)
                if (!await _changes.WaitAsync(patience))
                    throw new TimeoutException($"entered {Entered} of {times} times");
        }
    }
}
