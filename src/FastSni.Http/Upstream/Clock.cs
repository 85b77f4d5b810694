using System.Diagnostics;

namespace FastSni.Http;

/// <summary>The monotonic clock by which servers' marks are kept.</summary>
internal static class Clock
{
    internal static long Micros => (long)Stopwatch.GetElapsedTime(0).TotalMicroseconds;
}
