using System.Net;
using System.Net.Sockets;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// Addresses and ports of this run alone. IPv4 listeners and clients each get an address of their own out of 127.0.0.0/8, so that nothing else on the
/// machine is in the way; ports lie below the kernel's ephemeral range, so that no outgoing connection takes one in between.
/// </summary>
internal static class Loopback
{
    private const int FirstPort = 20_000, LastPort = 31_999;

    private static int _nextPort = FirstPort + Random.Shared.Next(LastPort - FirstPort);
    private static int _nextAddress = Random.Shared.Next(1 << 20);

    /// <summary>127.64.0.1 … 127.127.255.254, never the same twice.</summary>
    public static IPAddress NextAddress()
    {
        int number = Interlocked.Increment(ref _nextAddress);
        return new IPAddress([127, (byte)(64 + (number / (254 * 254) % 64)), (byte)(1 + (number / 254 % 254)), (byte)(1 + (number % 254))]);
    }

    public static int NextPort()
    {
        while (true)
        {
            int port = FirstPort + (int)((uint)Interlocked.Increment(ref _nextPort) % (LastPort - FirstPort));
            if (IsFree(IPAddress.Any, port) && IsFree(IPAddress.IPv6Any, port))
                return port;
        }
    }

    public static IPEndPoint NextV4() => new(NextAddress(), NextPort());

    public static IPEndPoint NextV6() => new(IPAddress.IPv6Loopback, NextPort());

    public static IPEndPoint Next(AddressFamily family) => family == AddressFamily.InterNetwork ? NextV4() : NextV6();

    private static bool IsFree(IPAddress address, int port)
    {
        using Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            socket.DualMode = false;
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
