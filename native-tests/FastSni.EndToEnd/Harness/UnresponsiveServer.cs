using System.Net;
using System.Net.Sockets;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// A server that does not answer SYN: it listens, its queue is full, and nobody accepts. Linux drops further SYNs without a word, on loopback too.
/// </summary>
internal sealed class UnresponsiveServer : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _fill = [];

    private UnresponsiveServer()
    {
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    public static async Task<UnresponsiveServer> StartAsync()
    {
        UnresponsiveServer server = new();
        server._listener.Bind(Loopback.NextV4());
        server._listener.Listen(0);
        for (int number = 0; number < 8; number++)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            server._fill.Add(socket);
            Task connecting = socket.ConnectAsync(server.EndPoint);
            if (await Task.WhenAny(connecting, Task.Delay(300)) != connecting)
                return server;
        }
        throw new InvalidOperationException("the listen queue did not fill");
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (Socket socket in _fill)
            socket.Dispose();
    }
}
