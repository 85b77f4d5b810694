namespace FastSni.Passthrough;

/// <summary>How many sessions the descriptors carry.</summary>
public static class SessionBudget
{
    private const int AutoMax = 100_000;

    /// <summary>Descriptors of a session: the client and the backend.</summary>
    private const int DescriptorsPerSession = 2;

    /// <summary>Kept back for logs, look-ups and the runtime; each worker needs its epoll, its eventfd and its listening sockets besides.</summary>
    private const int ReservedDescriptors = 64, DescriptorsPerWorker = 2;

    /// <summary>With auto, one in so many descriptors is left for pipes, two of which a bulky flow borrows; without one it is copied.</summary>
    private const int PipeShare = 8;

    /// <param name="configured">`max-connections`; null = auto.</param>
    /// <param name="openFiles">RLIMIT_NOFILE.</param>
    /// <returns>At least 1; a configured number is cut to what the descriptors carry at the very most.</returns>
    public static int Of(int? configured, long openFiles, int workers, int listenEndpoints)
    {
        long forSessions = Math.Max(DescriptorsPerSession, openFiles - ReservedDescriptors - workers * (DescriptorsPerWorker + listenEndpoints));
        long carried = (configured is null ? forSessions - forSessions / PipeShare : forSessions) / DescriptorsPerSession;
        return (int)Math.Clamp(configured ?? AutoMax, 1, carried);
    }
}
