using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace FastSni.LoadTests.Staging;

/// <summary>A server in this process, on a free port of loopback. Disposing it closes what it has.</summary>
internal abstract class LoopbackServer : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<Socket, bool> _clients = [];

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    public void Start(IPAddress address)
    {
        _listener.Bind(new IPEndPoint(address, 0));
        _listener.Listen(4096);
        _ = AcceptAsync();
    }

    protected abstract Task ServeAsync(Socket client);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = HandleAsync(await _listener.AcceptAsync());
        }
        catch (Exception end) when (end is ObjectDisposedException or SocketException)
        {
            // Disposed.
        }
    }

    private async Task HandleAsync(Socket client)
    {
        _clients[client] = true;
        try
        {
            client.NoDelay = true;
            await ServeAsync(client);
        }
        catch (Exception end) when (end is IOException or SocketException or ObjectDisposedException)
        {
            // How a connection ends is the client's to judge.
        }
        finally
        {
            _clients.TryRemove(client, out _);
            client.Dispose();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (Socket client in _clients.Keys)
            client.Dispose();
    }
}
