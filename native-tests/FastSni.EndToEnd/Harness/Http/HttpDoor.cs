using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace FastSni.EndToEnd.Harness;

/// <summary>The runtime's own HTTP client, which connects to the gateway whatever the URL's host and trusts the tests' authority alone.</summary>
internal static class HttpDoor
{
    /// <param name="from">The client's address; null = the kernel's choice.</param>
    public static SocketsHttpHandler Handler(IPEndPoint door, IPAddress? from = null) => new()
    {
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = WireClient.TlsOptions(HttpRooms.SiteName).CertificateChainPolicy },
        ConnectCallback = async (_, cancelled) =>
        {
            Socket socket = new(door.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            if (from is not null)
                socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(door, cancelled);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };
}
