using System.Net.Sockets;

namespace FastSni.NativeTests.Support;

/// <summary>Peers that write and read on a thread of their own, while the test drives what lies between them.</summary>
internal static class Peer
{
    internal static Task Writes(Socket socket, Action<Socket> write) => Start(() =>
    {
        write(socket);
        return 0;
    });

    internal static Task<byte[]> ReadsToEnd(Socket socket) => Start(socket.ReadToEnd);

    internal static Task<T> Start<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>A pause in what a peer does: never long, and nothing is concluded from its length.</summary>
    internal static void Pause(int milliseconds) => Thread.Sleep(milliseconds);
}
