using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace FastSni.EndToEnd.Harness;

/// <summary>Signals of signal(7), Linux numbers.</summary>
internal enum Signal
{
    Hangup = 1,
    Kill = 9,
    User1 = 10,
    User2 = 12,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>The few system calls the runtime has no word for.</summary>
internal static class Posix
{
    private const ulong SiocOutQueue = 0x5411;

    public static void Send(Signal signal, int pid)
    {
        if (Kill(pid, (int)signal) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"kill({pid}, {signal})");
    }

    /// <summary>Bytes in the send queue that the peer's kernel has not acknowledged yet (SIOCOUTQ).</summary>
    public static int UnacknowledgedBytes(Socket socket)
    {
        int bytes = 0;
        if (Ioctl((int)socket.Handle, SiocOutQueue, ref bytes) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "ioctl(SIOCOUTQ)");
        return bytes;
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int pid, int signal);

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static extern int Ioctl(int fd, ulong request, ref int value);
}
