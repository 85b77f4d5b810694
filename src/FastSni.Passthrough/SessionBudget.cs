namespace FastSni.Passthrough;

/// <summary>How many sessions the descriptors carry.</summary>
public static class SessionBudget
{
    private const int AutoMax = 100_000;

    /// <summary>Descriptors of a session: the client and the backend.</summary>
    private const int DescriptorsPerSession = 2;

    /// <summary>Kept back for logs, look-ups and the runtime; each worker needs its epoll, its eventfd and its listening sockets besides.</summary>
    private const int ReservedDescriptors = 64, DescriptorsPerWorker = 2;

    /// <summary>One in so many descriptors is left for pipes, of which a bulky flow borrows one each way; without one it is copied.</summary>
    private const int PipeShare = 8;

    private const int DescriptorsPerPipe = 2, PipesPerWorkerMax = 1024;

    /// <param name="configured">`max-connections`; null = auto.</param>
    /// <param name="openFiles">RLIMIT_NOFILE.</param>
    /// <returns>At least 1; a configured number is cut to what the descriptors carry at the very most.</returns>
    public static int Of(int? configured, long openFiles, int workers, int listenEndpoints)
    {
        long forSessions = Math.Max(DescriptorsPerSession, openFiles - ReservedDescriptors - workers * (DescriptorsPerWorker + listenEndpoints));
        long carried = (forSessions - forSessions / PipeShare) / DescriptorsPerSession;
        return (int)Math.Clamp(configured ?? AutoMax, 1, carried);
    }

    /// <summary>How many pipes a worker may have, so that bulk never takes the descriptors that sessions need.</summary>
    /// <param name="openFiles">RLIMIT_NOFILE.</param>
    internal static int PipesOf(long openFiles, int workers) =>
        (int)Math.Min(PipesPerWorkerMax, Math.Max(0, openFiles - ReservedDescriptors) / PipeShare / DescriptorsPerPipe / workers);
}
