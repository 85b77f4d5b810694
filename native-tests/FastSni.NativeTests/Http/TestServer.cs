using System.Net;
using System.Net.Sockets;
using FastSni.Backends;
using FastSni.Config;
using FastSni.Handoff;
using FastSni.Http;
using FastSni.Telemetry;
using FastSni.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using FastSni.NativeTests.Support;

namespace FastSni.NativeTests.Http;

/// <summary>A whole HTTP server in this process, and clients on real sockets that are handed to it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly HttpServer _server;
    private readonly SocketLoops _loops = new();
    private readonly Socket _listener = Loopback.NewSocket();

    private TestServer(IRequestHandler handler, ITlsTerminator? tls, HttpLimits limits, Snapshot snapshot)
    {
        Listener = snapshot.Listeners[0];
        BackendPools pools = new ServerRegistry(NullLogger.Instance).Build(snapshot);
        Services = new HttpServices(new HttpPlanHolder(new HttpPlan(snapshot, pools)), new RequestGate(), new SharedRing<RequestRecord>(Requests),
            new SharedRing<SessionRecord>(Sessions), NullLogger.Instance, NullLoggerFactory.Instance, _loops);
        _server = new HttpServer(limits, Services, handler, tls);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    internal HttpServices Services { get; }

    internal RecordRing<RequestRecord> Requests { get; } = new(1024, static () => { });

    /// <summary>Of connections whose TLS failed.</summary>
    internal RecordRing<SessionRecord> Sessions { get; } = new(1024, static () => { });

    internal Listener Listener { get; }

    internal static Task<TestServer> StartAsync(
        Func<Exchange, Task> answer, ITlsTerminator? tls = null, HttpLimits? limits = null, GatewayOptions? options = null) =>
        StartAsync(new Handler(answer), tls, limits ?? HttpLimits.Default, new Setup { Mode = ListenMode.Http, Options = options ?? new GatewayOptions() }.Snapshot);

    /// <param name="snapshot">Its first listener is where all clients come in.</param>
    internal static async Task<TestServer> StartAsync(IRequestHandler handler, ITlsTerminator? tls, HttpLimits limits, Snapshot snapshot)
    {
        TestServer server = new(handler, tls, limits, snapshot);
        await server._server.StartAsync();
        return server;
    }

    /// <summary>A connected client whose other end the server has.</summary>
    /// <param name="beforeHandoff">What the client does once it is accepted.</param>
    /// <param name="tls">What the server is to make TLS with.</param>
    /// <param name="lease">null = a new one.</param>
    internal Task<(Socket Client, TestLease Lease)> ConnectAsync(byte[]? taken = null, Action<Socket>? beforeHandoff = null, TlsIdentity? tls = null, TestLease? lease = null) =>
        Task.FromResult(Connect(taken, beforeHandoff, tls, lease));

    /// <summary>The same, all of it on the caller's thread.</summary>
    internal (Socket Client, TestLease Lease) Connect(
        byte[]? taken = null, Action<Socket>? beforeHandoff = null, TlsIdentity? tls = null, TestLease? lease = null, byte[]? serverName = null)
    {
        Socket client = Loopback.NewSocket();
        client.Connect(_listener.LocalEndPoint!);
        Socket accepted = _listener.Accept();
        IPEndPoint peer = (IPEndPoint)client.LocalEndPoint!;
        lease ??= new TestLease();
        beforeHandoff?.Invoke(client);
        _server.Take(new HandedOffClient
        {
            Descriptor = Detached.Of(accepted).Number,
            Listener = Listener,
            Tls = tls ?? TlsIdentity.SelfSigned,
            ServerName = serverName ?? [],
            Client = IpEndpoint.Create(peer.Address, peer.Port),
            Local = IpEndpoint.Create(IPAddress.Loopback, ((IPEndPoint)_listener.LocalEndPoint!).Port),
            Taken = taken ?? [],
            Lease = lease,
        });
        return (client, lease);
    }

    /// <summary>Takes the next request line, if there is one.</summary>
    internal bool TryTake(out RequestRecord record) => TryTake(Requests, out record);

    /// <summary>Takes the next line of a connection whose TLS failed, if there is one.</summary>
    internal bool TryTake(out SessionRecord record) => TryTake(Sessions, out record);

    internal Task StopAsync(CancellationToken hurry) => _server.StopAsync(hurry);

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new();
        await now.CancelAsync();
        await _server.StopAsync(now.Token);
        _server.Dispose();
        _loops.Dispose();
        _listener.Dispose();
    }

    private static bool TryTake<T>(RecordRing<T> ring, out T record)
        where T : struct
    {
        record = default;
        if (!ring.TryRead(out ReadOnlySpan<T> slot))
            return false;
        record = slot[0];
        ring.Release();
        return true;
    }

    private sealed class Handler(Func<Exchange, Task> answer) : IRequestHandler
    {
        public Task HandleAsync(Exchange exchange) => answer(exchange);
    }
}
