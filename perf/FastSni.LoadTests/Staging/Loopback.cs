using System.Net;
using System.Net.Sockets;

namespace FastSni.LoadTests.Staging;

internal static class Loopback
{
    /// <summary>A port that nothing listens at, on an address of its own, so that no connection of the load takes it in between.</summary>
    public static IPEndPoint FreePort()
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(new IPAddress([127, 8, (byte)Random.Shared.Next(1, 255), (byte)Random.Shared.Next(1, 255)]), 0));
        return (IPEndPoint)probe.LocalEndPoint!;
    }
}
