using System.Net;
using System.Net.Sockets;
using FastSni.Config;
using FastSni.NativeTests.Support;

namespace FastSni.NativeTests.Http;

/// <summary>A server that answers every connection by a script: it gets the socket and, head by head, what it does is the test's.</summary>
internal sealed class RawBackend : IDisposable
{
    private readonly Socket _listener;
    private readonly Func<Socket, Task> _script;
    private int _connections;

    private RawBackend(Socket listener, Func<Socket, Task> script) => (_listener, _script) = (listener, script);

    internal int Connections => Volatile.Read(ref _connections);

    internal ServerAddress Address => Setup.Server(((IPEndPoint)_listener.LocalEndPoint!).Port);

    /// <summary>The script's connection is closed when it returns.</summary>
    internal static RawBackend Start(Func<Socket, Task> script)
    {
        Socket listener = Loopback.NewSocket();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var backend = new RawBackend(listener, script);
        _ = backend.AcceptAllAsync();
        return backend;
    }

    /// <summary>Reads a request's head, sends these bytes and closes.</summary>
    internal static RawBackend Answering(string response) => Start(async socket =>
    {
        await HttpText.ReadHeadAsync(socket);
        await socket.SendTextAsync(response);
    });

    /// <summary>Answers head after head on each connection with the same bytes.</summary>
    internal static RawBackend KeepingAlive(string response) => Start(async socket =>
    {
        while ((await HttpText.ReadHeadAsync(socket)).Contains("\r\n\r\n", StringComparison.Ordinal))
            await socket.SendTextAsync(response);
    });

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAllAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = Loopback.Bound(await _listener.AcceptAsync());
                Interlocked.Increment(ref _connections);
                _ = PlayAsync(socket);
            }
        }
        catch (SocketException)
        {
            // The test has ended.
        }
        catch (ObjectDisposedException)
        {
            // The same.
        }
    }

    private async Task PlayAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await _script(socket);
            }
            catch (SocketException)
            {
                // The gateway has closed first, which a misbehaving server must expect.
            }
        }
    }
}
