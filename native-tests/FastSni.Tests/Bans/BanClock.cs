namespace FastSni.Tests.Bans;

/// <summary>A clock on the wall and one that nobody can set; both stand still until told otherwise, and the timer (there is one) never goes off.</summary>
internal sealed class BanClock : TimeProvider
{
    private long _ticks = TimeSpan.FromDays(1).Ticks;
    private long _utcTicks = new DateTime(2026, 11, 23, 9, 15, 30, 123, DateTimeKind.Utc).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    public override long GetTimestamp() => Interlocked.Read(ref _ticks);
    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _utcTicks), TimeSpan.Zero);
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new TestTimer(this);

    /// <summary>The timer would go off.</summary>
    internal bool IsTimerOn { get; private set; } = true;

    /// <summary>Called once, right before the timer is stopped.</summary>
    internal Action? BeforeTimerStops { get; set; }

    internal void Advance(TimeSpan by)
    {
        Interlocked.Add(ref _ticks, by.Ticks);
        SetBack(-by);
    }

    /// <summary>Only the clock on the wall.</summary>
    internal void SetBack(TimeSpan by) => Interlocked.Add(ref _utcTicks, -by.Ticks);

    private sealed class TestTimer(BanClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool isOn = dueTime != Timeout.InfiniteTimeSpan;
            if (!isOn)
            {
                Action? before = clock.BeforeTimerStops;
                clock.BeforeTimerStops = null;
                before?.Invoke();
            }
            clock.IsTimerOn = isOn;
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
