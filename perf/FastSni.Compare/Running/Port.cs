using System.Net.Sockets;
using FastSni.Reports;

namespace FastSni.Compare.Running;

/// <summary>Waiting for a listener to come up.</summary>
internal static class Port
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20), Poll = TimeSpan.FromMilliseconds(10);

    /// <summary>Returns the owner once its port is open.</summary>
    /// <param name="isComplete">What must be true besides an open port.</param>
    public static Launched AwaitOpen(int port, Launched owner, Func<bool> isComplete)
    {
        DateTimeOffset deadline = TimeProvider.System.GetUtcNow() + Patience;
        while (!CanConnect(port) || !isComplete())
        {
            if (owner.HasExited || TimeProvider.System.GetUtcNow() > deadline)
                throw new MeasurementException($"port {port} did not open: {owner.LogTail}");
            Thread.Sleep(Poll);
        }
        return owner;
    }

    private static bool CanConnect(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
