using System.Net;
using System.Net.Sockets;

namespace FastSni.LoadTests.Soak;

/// <summary>A way into the gateway.</summary>
/// <param name="Name">The server name to ask for; null where no TLS is read.</param>
/// <param name="SpeaksProxy">Whether clients come with a PROXY header, as from a load balancer.</param>
internal sealed record Door(string Kind, IPEndPoint EndPoint, string? Name, bool SpeaksProxy)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>One of 64, so that no limit for one client is in the way.</summary>
    public static IPAddress AnyClient() => new([127, 9, 0, (byte)Random.Shared.Next(1, 65)]);

    /// <param name="from">null: any client's address.</param>
    public static async Task<Socket> ConnectAsync(IPEndPoint endPoint, IPAddress? from = null)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(from ?? AnyClient(), 0));
            using CancellationTokenSource patience = new(Patience);
            await socket.ConnectAsync(endPoint, patience.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The bytes before the order: a PROXY header and a hello, as far as this door wants them.</summary>
    public byte[] Greeting(Guid tag, IPEndPoint source) =>
    [
        .. SpeaksProxy ? SoakHello.Proxy(source, EndPoint) : [],
        // Up to what a browser with post-quantum keys sends.
        .. Name is null ? [] : SoakHello.For(Name, tag, Random.Shared.Next(1800)),
    ];
}
