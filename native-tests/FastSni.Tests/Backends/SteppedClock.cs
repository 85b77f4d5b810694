using System.Threading.Channels;

namespace FastSni.Tests.Backends;

/// <summary>A clock that stands still, and timers that go off when the test says so, in the order they were set.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<StepTimer> _set = Channel.CreateUnbounded<StepTimer>();
    private readonly Queue<StepTimer> _taken = new();
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        StepTimer timer = new(() => callback(state), dueTime);
        _set.Writer.TryWrite(timer);
        return timer;
    }

    internal void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    /// <summary>Until somebody waits.</summary>
    internal async Task WaitsAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        Xunit.Assert.True(await _set.Reader.WaitToReadAsync(patience.Token));
    }

    /// <summary>Until somebody waits: how long they mean to.</summary>
    internal async Task<TimeSpan> NextWaitAsync()
    {
        await WaitsAsync();
        Xunit.Assert.True(_set.Reader.TryRead(out StepTimer? timer));
        _taken.Enqueue(timer);
        return timer.Due;
    }

    /// <summary>The time of the first wait that was asked for is over.</summary>
    internal void EndWait() => _taken.Dequeue().Fire();

    private sealed class StepTimer(Action callback, TimeSpan due) : ITimer
    {
        internal TimeSpan Due { get; } = due;

        internal void Fire() => callback();

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
