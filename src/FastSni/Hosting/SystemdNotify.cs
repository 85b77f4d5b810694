using System.Net.Sockets;
using System.Text;

namespace FastSni.Hosting;

/// <summary>sd_notify(3): tells systemd what the service is doing. Without NOTIFY_SOCKET nothing happens.</summary>
internal static class SystemdNotify
{
    internal static void Ready() => Send("READY=1");

    internal static void Reloading() => Send($"RELOADING=1\nMONOTONIC_USEC={(long)System.Diagnostics.Stopwatch.GetElapsedTime(0).TotalMicroseconds}");

    internal static void Stopping() => Send("STOPPING=1");

    /// <summary>Another process is the service from now on; systemd listens to that one alone then, where NotifyAccess=main holds.</summary>
    internal static void MainProcess(int processId) => Send($"MAINPID={processId}");

    private static void Send(string state)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 } path)
            return;
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // A leading @ stands for the NUL of the abstract namespace (unix(7)).
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path));
        }
        catch (SocketException)
        {
            // The manager is gone or deaf; the service does its work all the same.
        }
    }
}
