using System.Runtime.InteropServices;

namespace FastSni.Linux;

/// <summary>What the calling thread asks of the scheduler.</summary>
public static unsafe class CurrentThread
{
    /// <summary>The shortest that the kernel grants (sched_setattr(2), sched_runtime of SCHED_OTHER, since Linux 6.12).</summary>
    private const ulong ShortestTurnNanoseconds = 100_000;

    /// <summary>SCHED_OTHER.</summary>
    internal const uint TimeSharing = 0;

    /// <summary>
    /// Asks for shorter turns than others have. It is no greater share of the CPU: who wants little at a time gets it sooner, so a thread that is woken for
    /// microseconds does not wait until a busy one's milliseconds are over. False where a filter or a policy forbids it; kernels
    /// before 6.12 take it and do nothing.
    /// </summary>
    public static bool TryAskForShortTurns()
    {
        // An operator's other policy stands; a run time means something else there.
        if (!TryRead(out SchedulerAttributes attributes) || attributes.Policy != TimeSharing)
            return false;
        attributes.Runtime = ShortestTurnNanoseconds;
        // SAFETY: the kernel reads as much of a live local as the size in it says.
        return Sys.CallScheduler(Numbers.Set, 0, &attributes, 0, 0) == 0;
    }

    /// <summary>What it has now; policy and niceness must be given again with each wish.</summary>
    internal static bool TryRead(out SchedulerAttributes attributes)
    {
        SchedulerAttributes read = default;
        // SAFETY: the kernel writes at most the size given.
        bool isRead = Numbers.Get != 0 && Sys.CallScheduler(Numbers.Get, 0, &read, (nuint)sizeof(SchedulerAttributes), 0) == 0;
        attributes = read;
        return isRead;
    }

    // The C library has functions for them since glibc 2.41 only.
    private static (nint Get, nint Set) Numbers => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (315, 314),
        Architecture.Arm64 => (275, 274),
        _ => (0, 0),
    };

    /// <summary>struct sched_attr, as it was first (SCHED_ATTR_SIZE_VER0).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SchedulerAttributes
    {
        internal uint Size, Policy;
        internal ulong Flags;
        internal int Nice;
        internal uint Priority;
        internal ulong Runtime, Deadline, Period;
    }
}
