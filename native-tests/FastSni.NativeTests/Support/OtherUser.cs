using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace FastSni.NativeTests.Support;

/// <summary>
/// A thread that is another user: to the kernel credentials belong to a thread, and only libc changes them for all at once. Needs root, whose privileges
/// it gives up; nothing else of the process notices.
/// </summary>
internal static class OtherUser
{
    /// <summary>Nobody's in particular, so that nothing is counted on it yet.</summary>
    private const long UserId = 54_321;

    internal static bool IsPossible => Environment.IsPrivilegedProcess && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>Runs on a thread of its own that ends with it; what fails in there fails here.</summary>
    internal static void Run(Action action)
    {
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                // setresuid(2) itself: glibc's function of that name has all threads follow.
                long number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 117 : 147;
                if (Call(number, UserId, UserId, UserId) != 0)
                    throw new InvalidOperationException($"setresuid: errno {Marshal.GetLastPInvokeError()}");
                action();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern long Call(long number, long real, long effective, long saved);
}
