using System.Buffers;
using System.Net.Security;
using FastSni.Wire;

namespace FastSni.Http;

/// <summary>
/// A connection to a server: its socket, what was received and not used yet, and what is to be sent. Used by one request at a time; only
/// <see cref="CloseIfLate"/> comes from another thread. Buffers that are shared go back only after a request that ended well: an operation that
/// outlives its request must not write into another client's bytes.
/// </summary>
internal sealed class UpstreamConnection : IDisposable
{
    internal const int BufferBytes = 16 * 1024, BufferBytesMax = 64 * 1024;
    private const long None = long.MaxValue, Late = -1;

    private readonly LoopSocket _socket;
    private readonly SslStream? _tls;
    private readonly OutBuffer _out = new();
    private readonly byte[] _small = GC.AllocateUninitializedArray<byte>(BufferBytes);
    private byte[] _in;     // The small one, or a larger one for an answer that fills it.
    private int _start, _end;
    private bool _wasFull;
    private long _deadline = None;
    private volatile Exchange? _exchange;

    /// <param name="tls">On the socket; null = in the clear.</param>
    internal UpstreamConnection(LoopSocket socket, SslStream? tls, UpstreamPool pool) => (_socket, _tls, Pool, _in) = (socket, tls, pool, _small);

    internal UpstreamPool Pool { get; }

    /// <summary>The address that answered; none for a unix _socket.</summary>
    internal IpEndpoint Address { get; init; }

    /// <summary>The name its certificate was checked for; null without TLS.</summary>
    internal string? TlsName { get; init; }

    /// <summary>It has served a request before.</summary>
    internal bool IsReused { get; private set; }

    /// <summary>Why the sweep closed it; <see cref="Outcome.None"/> while it has not.</summary>
    internal Outcome Verdict { get; private set; }

    internal OutBuffer Out => _out;

    internal ValueMemory Values { get; } = new();

    /// <summary>Received and not used yet.</summary>
    internal Memory<byte> Buffered => _in.AsMemory(_start, _end - _start);

    internal bool IsEmpty => _start == _end;

    /// <summary>What was received has been used up to here.</summary>
    internal void Consume(int bytes)
    {
        _start += bytes;
        if (_start == _end)
            _start = _end = 0;
    }

    /// <summary>Receives behind what is buffered; what came is shown once <see cref="Received"/> was told. There is always room while less than <see cref="BufferBytesMax"/> is buffered.</summary>
    internal ValueTask<int> ReceiveAsync()
    {
        MakeRoom();
        Memory<byte> room = _in.AsMemory(_end);
        return _tls is null ? _socket.ReceiveAsync(room) : _tls.ReadAsync(room);
    }

    internal void Received(int bytes)
    {
        _end += bytes;
        _wasFull = _end == _in.Length;
    }

    /// <summary>Sends what <see cref="Out"/> holds, and empties it.</summary>
    internal async ValueTask SendAsync()
    {
        await SendAsync(_out.Written);
        _out.Clear();
    }

    internal ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => _tls is null ? _socket.SendAsync(bytes) : _tls.WriteAsync(bytes);

    /// <summary>Ends our direction; the other goes on.</summary>
    internal async ValueTask EndSendingAsync()
    {
        if (_tls is not null)
            await _tls.ShutdownAsync();
        _socket.EndSending();
    }

    /// <summary>A request begins.</summary>
    internal void Begin(Exchange exchange, TimeSpan patience)
    {
        _exchange = exchange;
        Expect(patience);
    }

    /// <summary>From now on the backend has this long.</summary>
    internal void Expect(TimeSpan patience)
    {
        long seen = Volatile.Read(ref _deadline);
        if (seen != Late)
            Interlocked.CompareExchange(ref _deadline, Environment.TickCount64 + (long)patience.TotalMilliseconds, seen);
    }

    /// <summary>The request is done. False: the sweep was faster, and the connection is closed.</summary>
    internal bool TryFinish(TimeSpan idle)
    {
        _exchange = null;
        IsReused = true;
        if (_in != _small)
        {
            // Nothing is under way that could still write into it.
            ArrayPool<byte>.Shared.Return(_in);
            _in = _small;
        }
        return Interlocked.Exchange(ref _deadline, Environment.TickCount64 + (long)idle.TotalMilliseconds) != Late;
    }

    /// <summary>Takes it out of idleness. False: the sweep was faster.</summary>
    internal bool TryWake()
    {
        // An end, or bytes that nobody asked for, must be found now: a request that was sent can't be sent elsewhere.
        _socket.LookAgain();
        return Interlocked.Exchange(ref _deadline, None) != Late;
    }

    /// <summary>Closes a connection whose deadline has passed or whose client has left. What waits on it fails, and finds the reason in <see cref="Verdict"/>.</summary>
    internal void CloseIfLate(long nowMilliseconds)
    {
        long seen = Volatile.Read(ref _deadline);
        if (seen is None or Late)
            return;
        Exchange? exchange = _exchange;
        bool isLate = nowMilliseconds >= seen;
        if (!isLate && (exchange is null || !HasLeft(exchange)))
            return;
        // A deadline that has moved since belongs to another read, or to another request.
        if (Interlocked.CompareExchange(ref _deadline, Late, seen) != seen)
            return;
        Verdict = isLate ? Outcome.TimedOut : Outcome.ClientGone;
        if (exchange is null)
            Dispose();
        else
            _socket.Dispose();   // The request's own thread disposes of the rest.
    }

    /// <summary>Ends the request's use of it at once, from any of its threads; the reason that came first stays.</summary>
    internal void Cut(Outcome reason)
    {
        if (Interlocked.Exchange(ref _deadline, Late) != Late)
            Verdict = reason;
        _socket.Dispose();
    }

    /// <summary>Closes it for good: called by its request, or by the sweep while there is none. Any thread may <see cref="Cut"/>.</summary>
    public void Dispose()
    {
        Pool.Forget(this);
        _tls?.Dispose();
        _socket.Dispose();
    }

    private static bool HasLeft(Exchange exchange)
    {
        try
        {
            return exchange.Aborted.IsCancellationRequested;
        }
        catch (InvalidOperationException)
        {
            return false;   // The request has just ended, and its features are gone or disposed of.
        }
    }

    private void MakeRoom()
    {
        bool isEmpty = IsEmpty;
        if (_in.Length < BufferBytesMax && (_end == _in.Length || (isEmpty && _wasFull)))
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(BufferBytesMax);
            Buffered.CopyTo(larger);
            (_in, _end, _start) = (larger, _end - _start, 0);
        }
        else if (_end == _in.Length && _start > 0)
        {
            Buffered.CopyTo(_in);
            (_end, _start) = (_end - _start, 0);
        }
        _wasFull = false;
    }
}
