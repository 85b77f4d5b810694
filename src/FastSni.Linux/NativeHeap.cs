namespace FastSni.Linux;

/// <summary>The C library's heap, which OpenSSL's memory comes from (mallopt(3)).</summary>
public static class NativeHeap
{
    /// <summary>
    /// Lets malloc have at most one arena a processor instead of eight: with an arena for nearly every thread, each grows to the most that
    /// was ever in use on its thread, and none gives anything back. Only holds for threads that have not called malloc yet, so it comes first in a program.
    /// Where there is no mallopt (musl has one heap for all) nothing is done, and false returned.
    /// </summary>
    public static bool TryLimitArenas()
    {
        try
        {
            return Sys.SetMallocOption(Sys.MallocArenaMax, Environment.ProcessorCount) == 1;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }
}
