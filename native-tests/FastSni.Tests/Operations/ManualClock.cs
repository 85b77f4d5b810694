namespace FastSni.Tests.Operations;

/// <summary>A clock that stands still until told otherwise, in a zone of choice.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long _ticks = new DateTime(2026, 11, 23, 9, 15, 30, 123, DateTimeKind.Utc).Ticks;

    public TimeZoneInfo Zone { get; init; } = Offset(TimeSpan.FromHours(1));

    public override TimeZoneInfo LocalTimeZone => Zone;
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    public override long GetTimestamp() => Interlocked.Read(ref _ticks);
    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public static TimeZoneInfo Offset(TimeSpan offset) => TimeZoneInfo.CreateCustomTimeZone("Test/Fixed", offset, null, null);
}
