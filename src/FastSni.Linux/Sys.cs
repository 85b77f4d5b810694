using System.Runtime.InteropServices;
using Tmds.Linux;

namespace FastSni.Linux;

/// <summary>The border to libc: errno is read here and nowhere above.</summary>
internal static unsafe partial class Sys
{
    /// <summary>A signal may cut a call short; a kernel that says so this often is broken, and the caller gets the error.</summary>
    private const int InterruptRetriesMax = 16;

    internal const int RlimitNofile = 7;

    /// <summary>M_ARENA_MAX of malloc.h.</summary>
    internal const int MallocArenaMax = -8;

    internal static Errno LastError => (Errno)LibC.errno;

    internal static bool IsRetried(IoResult result, ref int tries) => result.Error == Errno.Interrupted && ++tries < InterruptRetriesMax;

    internal static int ThrowIfFailed(int result, string call) => result >= 0 ? result : throw new LinuxException(call, LastError);

    /// <summary>Sets an int option; these only fail when the option is unknown to the kernel or the descriptor is gone.</summary>
    internal static bool TrySetOption(Fd socket, int level, int option, int value) =>
        // SAFETY: the kernel reads sizeof(int) bytes of a live local.
        LibC.setsockopt(socket.Number, level, option, &value, sizeof(int)) == 0;

    internal static void SetOption(Fd socket, int level, int option, int value, string name)
    {
        if (!TrySetOption(socket, level, option, value))
            throw new LinuxException($"setsockopt({name})", LastError);
    }

    /// <summary>An int option; null where the descriptor is no socket, or none that has it.</summary>
    internal static int? TryGetOption(Fd socket, int level, int option)
    {
        int value = 0;
        socklen_t length = sizeof(int);
        // SAFETY: the kernel writes at most one int into a local.
        return LibC.getsockopt(socket.Number, level, option, &value, &length) == 0 ? value : null;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Rlimit
    {
        internal ulong Current;
        internal ulong Maximum;
    }

    // Tmds.LibC has no getrlimit and setrlimit.
    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    internal static partial int GetRlimit(int resource, Rlimit* limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    internal static partial int SetRlimit(int resource, Rlimit* limit);

    // Nor has it mallopt, which is glibc's alone: no error, returns 1 for success.
    [LibraryImport("libc", EntryPoint = "mallopt")]
    internal static partial int SetMallocOption(int option, int value);

    // syscall(2), for sched_getattr (a size, flags) and sched_setattr (flags, nothing).
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint CallScheduler(nint number, int thread, CurrentThread.SchedulerAttributes* attributes, nuint sizeOrFlags, nuint flags);
}
