using FastSni.Linux;
using Xunit;

namespace FastSni.NativeTests.Linux;

public class CurrentThreadTests
{
    private const ulong Shortest = 100_000;

    [SkippableFact]
    public void A_thread_asks_for_short_turns_and_keeps_policy_and_niceness()
    {
        Skip.If(Environment.OSVersion.Version < new Version(6, 12), "turns can be asked for since Linux 6.12");
        CurrentThread.SchedulerAttributes before = default, after = default;
        bool isAsked = false;
        // A thread of its own: the wish lasts as long as the thread.
        var asking = new Thread(() =>
        {
            CurrentThread.TryRead(out before);
            isAsked = CurrentThread.TryAskForShortTurns();
            CurrentThread.TryRead(out after);
        });
        asking.Start();
        asking.Join();
        Assert.True(isAsked);
        Assert.Equal((CurrentThread.TimeSharing, before.Nice, Shortest), (after.Policy, after.Nice, after.Runtime));
        Assert.True(before.Runtime > Shortest, $"it had {before.Runtime} ns already");
    }
}
