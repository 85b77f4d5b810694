using System.Diagnostics;
using Xunit;

namespace FastSni.NativeTests.Support;

/// <summary>Waits for what another thread is going to make true.</summary>
internal static class Eventually
{
    internal static async Task IsTrueAsync(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Loopback.Patience, $"never came true: {what}");
            await Task.Delay(2);
        }
    }
}
