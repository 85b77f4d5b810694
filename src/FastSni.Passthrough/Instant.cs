using System.Diagnostics;

namespace FastSni.Passthrough;

/// <summary>A moment on the monotonic clock, in microseconds. A worker reads the clock once per loop turn and passes the result on.</summary>
public readonly record struct Instant(long Micros)
{
    /// <summary>Later than every deadline.</summary>
    public static Instant Never { get; } = new(long.MaxValue);

    public static Instant Now() => new((long)Stopwatch.GetElapsedTime(0).TotalMicroseconds);

    public static Instant operator +(Instant moment, TimeSpan span) => new(moment.Micros + span.Ticks / TimeSpan.TicksPerMicrosecond);

    public static bool operator <=(Instant left, Instant right) => left.Micros <= right.Micros;

    public static bool operator >=(Instant left, Instant right) => left.Micros >= right.Micros;

    public static bool operator <(Instant left, Instant right) => left.Micros < right.Micros;

    public static bool operator >(Instant left, Instant right) => left.Micros > right.Micros;
}
