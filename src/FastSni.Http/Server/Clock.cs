using System.Diagnostics;

namespace FastSni.Http;

/// <summary>The monotonic clock in microseconds, as the loop and <see cref="FastSni.Handoff.HandedOffClient.AcceptedMicros"/> count them.</summary>
internal static class Clock
{
    internal static long Micros => (long)Stopwatch.GetElapsedTime(0).TotalMicroseconds;
}
