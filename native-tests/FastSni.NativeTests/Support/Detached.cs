using System.Net.Sockets;
using FastSni.Linux;

namespace FastSni.NativeTests.Support;

/// <summary>Descriptors that change hands.</summary>
internal static class Detached
{
    /// <summary>The descriptor of a socket, which does not block and is the caller's alone from here on.</summary>
    internal static Fd Of(Socket socket)
    {
        socket.Blocking = false;
        Fd descriptor = new((int)socket.SafeHandle.DangerousGetHandle());
        socket.SafeHandle.SetHandleAsInvalid();
        return descriptor;
    }
}
