using System.Runtime.CompilerServices;

namespace FastSni.NativeTests.Support;

internal static class Threads
{
    /// <summary>
    /// Peers block on their sockets; the pool's slow growth (two threads a second) would make pauses of them that no test asked for.
    /// </summary>
    [ModuleInitializer]
    internal static void Grow() => ThreadPool.SetMinThreads(32, 32);
}
