using FastSni.Linux;
using FastSni.Wire;

namespace FastSni.Http;

/// <summary>Connects to servers.</summary>
internal static class Dial
{
    private const string Call = "connect";

    /// <summary>True of what <see cref="ConnectAsync"/> throws, and not of what happens to a connection that stood.</summary>
    internal static bool IsRefusal(LinuxException fault) => fault.Call == Call;

    /// <param name="unixPath">In the place of the address; null = TCP.</param>
    /// <exception cref="LinuxException">Why there is no connection.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    internal static async ValueTask<LoopSocket> ConnectAsync(SocketLoop loop, IpEndpoint address, string? unixPath, CancellationToken cancelled)
    {
        IoResult begun = unixPath is not null
            ? StreamSocket.ConnectUnix(unixPath, out Fd descriptor)
            : StreamSocket.Connect(address, source: default, sendsFirst: false, out descriptor);
        if (!begun.IsOk)
            throw new LinuxException(Call, begun.Error);
        LoopSocket socket = new(loop, descriptor);
        try
        {
            socket.Watch();
            await socket.WaitToSendAsync(cancelled);
            return socket.TakeError() is var error && error == Errno.None ? socket : throw new LinuxException(Call, error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
