using System.Net;
using System.Net.Sockets;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// Client and backend of one passed-through connection at a time, both played by the test: neither moves before the worker sleeps again, so that the same
/// moves always cost the same system calls.
/// </summary>
internal sealed class CostStage : IAsyncDisposable
{
    public const string Name = "a.home.test";

    private const int StallMilliseconds = 20_000;

    private readonly Socket _listener;
    private readonly Gateway _gateway;
    private readonly string _workerStat;
    private readonly byte[] _hello = HelloBytes.For(Name);
    private readonly byte[] _buffer = new byte[1 << 20];

    private CostStage(Socket listener, Gateway gateway)
    {
        (_listener, _gateway) = (listener, gateway);
        string worker = Directory.GetDirectories($"/proc/{gateway.ProcessId}/task").Single(task => File.ReadAllText($"{task}/comm") == "worker-0\n");
        _workerStat = $"{worker}/stat";
    }

    public Gateway Gateway => _gateway;

    public static async Task<CostStage> OpenAsync(params (string Key, string Value)[] section)
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = StallMilliseconds };
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        GatewayConfig config = GatewayConfig.Https().Gateway("access-log", "off").Passthrough("a", Name, listener.LocalEndPoint!.ToString()!, section);
        return new CostStage(listener, await Gateway.StartAsync(config));
    }

    /// <summary>Hello, greeting, 1 kB back, and the ends.</summary>
    /// <param name="helloPieces">How many segments the hello comes in.</param>
    /// <param name="headerBytes">What the backend gets before the hello.</param>
    public void Visit(bool clientEndsFirst, int helloPieces = 1, int headerBytes = 0)
    {
        using Socket client = Connect();
        foreach (byte[] piece in _hello.Chunk((_hello.Length + helloPieces - 1) / helloPieces))
            Send(client, piece);
        using Socket server = Bound(_listener.Accept());
        Receive(server, headerBytes + _hello.Length);
        Send(server, _buffer.AsSpan(0, 1024));
        Receive(client, 1024);
        (Socket first, Socket second) = clientEndsFirst ? (client, server) : (server, client);
        first.Shutdown(SocketShutdown.Send);
        AwaitRest();
        Assert.Equal(0, second.Receive(_buffer));
        second.Close();
        AwaitRest();
        Assert.Equal(0, first.Receive(_buffer));
    }

    /// <summary>One connection that says something and is answered, so many times.</summary>
    public void Talk(int roundTrips, int bytes)
    {
        (Socket client, Socket server) = Open();
        for (int i = 0; i < roundTrips; i++)
        {
            Send(client, _buffer.AsSpan(0, bytes));
            Receive(server, bytes);
            Send(server, _buffer.AsSpan(0, bytes));
            Receive(client, bytes);
        }
        client.Dispose();
        server.Dispose();
    }

    /// <summary>A download on one connection: nobody waits for anybody.</summary>
    public async Task PourAsync(int megabytes)
    {
        (Socket client, Socket server) = Open();
        Task pouring = Task.Run(() =>
        {
            for (int i = 0; i < megabytes; i++)
                server.Send(_buffer.AsSpan(0, 1_000_000));
            server.Close();
        });
        byte[] sink = new byte[1 << 20];
        long got = 0;
        while (client.Receive(sink) is int count and > 0)
            got += count;
        Assert.Equal(megabytes * 1_000_000L, got);
        await pouring;
        client.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _gateway.DisposeAsync();
    }

    private (Socket Client, Socket Server) Open()
    {
        Socket client = Connect();
        Send(client, _hello);
        Socket server = Bound(_listener.Accept());
        Receive(server, _hello.Length);
        return (client, server);
    }

    private Socket Connect()
    {
        Socket client = Bound(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        client.Connect(_gateway.Https);
        return client;
    }

    private void Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        Assert.Equal(bytes.Length, socket.Send(bytes));
        AwaitRest();
    }

    private void Receive(Socket socket, int bytes)
    {
        while (bytes > 0)
        {
            int count = socket.Receive(_buffer.AsSpan(0, bytes));
            Assert.True(count > 0, "the stream ended early");
            bytes -= count;
        }
    }

    /// <summary>
    /// What is sent over loopback has woken the worker before the send returns; when it sleeps again (S in proc_pid_stat(5); under strace a thread that works
    /// is R or t) it has done all there was to do.
    /// </summary>
    private void AwaitRest()
    {
        long deadline = Environment.TickCount64 + StallMilliseconds;
        while (!File.ReadAllText(_workerStat).Contains(") S ", StringComparison.Ordinal))
        {
            Assert.True(Environment.TickCount64 < deadline, "the worker does not come to rest");
            Thread.Yield();
        }
    }

    private static Socket Bound(Socket socket)
    {
        (socket.NoDelay, socket.SendTimeout, socket.ReceiveTimeout) = (true, StallMilliseconds, StallMilliseconds);
        return socket;
    }
}
