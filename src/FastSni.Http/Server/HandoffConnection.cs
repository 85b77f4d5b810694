using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FastSni.Handoff;
using FastSni.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace FastSni.Http;

/// <summary>
/// A handed-off socket as Kestrel sees it. HTTP is read from and written to the socket's stream, or the TLS stream on it, directly: the pipes, loops and
/// thread changes of Kestrel's own socket transport are most of what a small request costs there.
/// </summary>
internal sealed class HandoffConnection : ConnectionContext, IDuplexPipe, IConnectionHeartbeatFeature, IConnectionLifetimeNotificationFeature,
    ITlsConnectionFeature, ITlsApplicationProtocolFeature
{
    // Zero-byte reads: an idle connection must not hold a buffer.
    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: 16 * 1024, leaveOpen: true, useZeroByteReads: true);

    /// <summary>A TLS record with an alert in it, of any version and cipher.</summary>
    private const int CloseNotifyBytesMax = 64;

    /// <summary>A client that takes nothing of what waits for it, or has vanished, is cut after this long.</summary>
    private static readonly TimeSpan StallMax = TimeSpan.FromSeconds(60);

    /// <summary>While stopping: time for the client to read GOAWAY and end the connection itself, or to send a request that crossed it.</summary>
    private const long IdleMicrosAtStop = 500_000;

    private readonly LoopSocket _socket;
    private readonly CancellationTokenSource _closed = new();
    private IDuplexPipe? _transport;
    private string? _id;
    private IPEndPoint? _local, _remote;
    private int _requests;      // In flight.
    private bool _isOpen;
    private volatile bool _isTunnel;
    private int _isAborted;
    private readonly OpenConnections _connections;
    private long _idleSince;    // In Clock's microseconds, while no request is in flight.
    private Action? _heartbeat;     // Kestrel's timeouts.

    /// <param name="inherited">What Kestrel's HTTP wants of a connection beyond its own.</param>
    internal HandoffConnection(HandedOffClient client, LoopSocket socket, IFeatureCollection inherited, OpenConnections connections)
    {
        (Client, _socket, _connections, Features) = (client, socket, connections, new FeatureCollection(inherited));
        Raw = new LoopStream(socket, client.Taken);
        Features.Set(this);
        Features.Set<IConnectionHeartbeatFeature>(this);
        Features.Set<IConnectionLifetimeNotificationFeature>(this);
        // Kestrel counts what the kernel has taken, which can be megabytes for a client that reads nothing.
        socket.LimitStall(StallMax);
        connections.Add(this);
        client.Lease.WhenCloseRequested(Abort);
    }

    internal HandedOffClient Client { get; }

    /// <summary>Where what is done for the client runs.</summary>
    internal SocketLoop Loop => _socket.Loop;

    /// <summary>The bytes on the wire.</summary>
    internal Stream Raw { get; }

    /// <summary>Set where TLS ends here.</summary>
    internal SslStream? Tls { get; private set; }

    /// <summary>A reset was asked for, by us or by Kestrel.</summary>
    internal bool IsAborted => Volatile.Read(ref _isAborted) != 0;

    public override string ConnectionId
    {
        get => _id ??= ConnectionName.Of(Client);
        set => _id = value;
    }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    // Kestrel asks for it when HTTP begins, which is after Open. The base class wants a setter, for middleware that puts its own pipes in between.
    public override IDuplexPipe Transport
    {
        get => _transport ?? this;
        set => _transport = value;
    }

    public PipeReader Input { get; private set; } = null!;

    public PipeWriter Output { get; private set; } = null!;

    public override CancellationToken ConnectionClosed
    {
        get => _closed.Token;
        set => throw new NotSupportedException();
    }

    public override EndPoint? LocalEndPoint
    {
        get => _local ??= Of(Client.Local);
        set => throw new NotSupportedException();
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _remote ??= Of(Client.Client);
        set => throw new NotSupportedException();
    }

    /// <summary>The server is stopping: a client that is not served yet need not be.</summary>
    internal CancellationToken CloseRequested => _connections.Stopping;

    CancellationToken IConnectionLifetimeNotificationFeature.ConnectionClosedRequested
    {
        get => CloseRequested;
        set => throw new NotSupportedException();
    }

    void IConnectionLifetimeNotificationFeature.RequestClose() => throw new NotSupportedException();

    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state) => _heartbeat = () => action(state);

    X509Certificate2? ITlsConnectionFeature.ClientCertificate
    {
        get => Tls?.RemoteCertificate as X509Certificate2;
        set => throw new NotSupportedException();
    }

    Task<X509Certificate2?> ITlsConnectionFeature.GetClientCertificateAsync(CancellationToken cancellationToken) =>
        Task.FromResult(((ITlsConnectionFeature)this).ClientCertificate);

    ReadOnlyMemory<byte> ITlsApplicationProtocolFeature.ApplicationProtocol => Tls?.NegotiatedApplicationProtocol.Protocol ?? default;

    /// <summary>Opens the way for HTTP.</summary>
    /// <param name="tls">null = in the clear.</param>
    internal void Open(SslStream? tls)
    {
        Tls = tls;
        Stream stream = tls ?? Raw;
        (Input, Output, _isOpen) = (PipeReader.Create(stream, ReaderOptions), new ClientWriter(stream, Close), true);
        if (tls is not null)
        {
            // Kestrel takes scheme and protocol from these.
            Features.Set<ITlsConnectionFeature>(this);
            Features.Set<ITlsApplicationProtocolFeature>(this);
        }
    }

    /// <summary>Completes on the connection's loop.</summary>
    /// <exception cref="IOException">It was cut before.</exception>
    internal ValueTask<int> ReachLoopAsync() => _socket.WaitToSendAsync(CancellationToken.None);

    /// <summary>Once a second: Kestrel's timeouts. And while a request waits for its backend nobody reads the socket, so is the client still there?</summary>
    internal void Tick()
    {
        _heartbeat?.Invoke();
        LookForEnd();
    }

    /// <summary>Ends in order, so that the client gets every byte, close_notify (or the alert that refused it) and an end, and no reset.</summary>
    internal async Task CloseAsync()
    {
        if (IsAborted)
            return;
        try
        {
            if (_isOpen)
            {
                await Output.CompleteAsync();
                await Input.CompleteAsync();
            }
            if (Tls is not null)
                await Tls.ShutdownAsync();
            await LingeringClose.RunAsync(_socket);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The client has gone first.
        }
    }

    /// <summary>From now on the client's bytes are read as they come, and its end is not the end of the connection.</summary>
    internal void BecomeTunnel() => _isTunnel = true;

    /// <summary>It has asked much without a pause: whoever goes on must leave the loop.</summary>
    internal bool HasHadItsTurn() => _socket.HasHadItsTurn();

    internal void CountRequest() => Interlocked.Increment(ref _requests);

    internal void DiscountRequest()
    {
        Volatile.Write(ref _idleSince, Clock.Micros);
        Interlocked.Decrement(ref _requests);
    }

    /// <summary>While the server stops: an HTTP/2 connection whose last stream has ended is ended too.</summary>
    internal void EndIfIdle()
    {
        bool isIdle = Volatile.Read(ref _requests) == 0 && Clock.Micros - Volatile.Read(ref _idleSince) > IdleMicrosAtStop;
        try
        {
            if (isIdle && Tls?.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2)
                Input.CancelPendingRead();      // Kestrel's HTTP/2 takes a read that was cancelled for the client's end, and ends in order.
        }
        catch (ObjectDisposedException)
        {
            // Ended meanwhile.
        }
    }

    public override void Abort(ConnectionAbortedException abortReason) => Abort();

    public override void Abort()
    {
        if (Interlocked.Exchange(ref _isAborted, 1) != 0)
            return;
        // A reset, for an end could pass for the answer's own.
        _socket.Abort();
        Close();
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            // Nobody is served any more, so it is nobody's code that this would hold up.
            _closed.Cancel();
            if (Tls is not null)
                await Tls.DisposeAsync();
        }
        finally
        {
            Release();
        }
        await base.DisposeAsync();
    }

    private void Release()
    {
        _socket.Dispose();
        Client.Lease.Return();
        _connections.Remove(this);
    }

    private void LookForEnd()
    {
        if (Volatile.Read(ref _requests) == 0 || _isTunnel || IsAborted)
            return;
        try
        {
            // Unread bytes are a body or a next request, which came before the end; a TLS client's last word is close_notify.
            if (_socket.HasPeerEnded && _socket.UnreadBytes <= (Tls is null ? 0 : CloseNotifyBytesMax))
                Close();
        }
        catch (IOException)
        {
            // Ended meanwhile.
        }
    }

    // Whoever waits for the connection's end is told on another thread: it may be anybody's code.
    private void Close() => ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);

    private static IPEndPoint? Of(IpEndpoint endpoint) => endpoint.IsNone ? null : new IPEndPoint(endpoint.ToIPAddress(), endpoint.Port);
}
