using System.Diagnostics;

namespace FastSni.Http;

/// <summary>The monotonic clock that servers' marks are kept by.</summary>
internal static class Clock
{
    internal static long Micros => (long)Stopwatch.GetElapsedTime(0).TotalMicroseconds;
}
