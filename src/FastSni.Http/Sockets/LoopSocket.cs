using System.Runtime.CompilerServices;
using FastSni.Linux;

namespace FastSni.Http;

/// <summary>
/// A connected stream socket that a <see cref="SocketLoop"/> watches. One may receive and one may send at a time; any thread may close it. No call is made
/// that is known to find nothing: that is a third of all receives.
/// </summary>
internal sealed class LoopSocket : IDisposable
{
    /// <summary>Steps without having to wait, until the loop's other sockets have their turn: half a megabyte in 16 kB.</summary>
    private const int TurnSteps = 32;

    private readonly OwnedFd _owned;
    private readonly Readiness _in = new(), _out = new();
    private bool _isDrained;    // Nothing to receive until there is news.
    private volatile bool _hasEnded, _mayHoldMore;
    private int _steps;     // Since it last waited.
    private int _isClosed;

    /// <param name="descriptor">Connected or connecting, non-blocking. Closed with this object.</param>
    internal LoopSocket(SocketLoop loop, Fd descriptor) => (Loop, _owned) = (loop, new OwnedFd(descriptor));

    internal SocketLoop Loop { get; }

    /// <summary>The loop's name for it; never 0.</summary>
    internal ulong Token { get; set; }

    internal bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>The peer has ended or reset, and it may have sent something before that.</summary>
    /// <exception cref="LinuxException">It is closed already.</exception>
    internal bool HasPeerEnded
    {
        get
        {
            using OwnedFd.Use use = _owned.Hold();
            return _hasEnded || StreamSocket.HasPeerEnded(use.Fd);
        }
    }

    /// <summary>What was received and not read yet.</summary>
    /// <exception cref="LinuxException">It is closed already.</exception>
    internal int UnreadBytes
    {
        get
        {
            using OwnedFd.Use use = _owned.Hold();
            return StreamSocket.UnreadBytes(use.Fd);
        }
    }

    /// <summary>From now on there is news of it, and first of all whether it can be sent to.</summary>
    /// <exception cref="LinuxException">The loop can't watch any more, or it is closed already.</exception>
    internal void Watch()
    {
        using OwnedFd.Use use = _owned.Hold();
        Loop.Add(this, use.Fd);
        // Closed meanwhile, when there was nothing to remove yet.
        if (IsClosed)
            Loop.Remove(this, use.Fd);
    }

    /// <summary>Would-block also where it is known without asking.</summary>
    /// <exception cref="LinuxException">It is closed already.</exception>
    internal IoResult Receive(Span<byte> buffer)
    {
        bool hasNews = _in.TryTake();
        if (_isDrained && !hasNews)
            return IoResult.Full;
        using OwnedFd.Use use = _owned.Hold();
        IoResult received = StreamSocket.Receive(use.Fd, buffer);
        // Less than there is room for was all there was, but for an end and an urgent byte, which stop a receive too.
        _isDrained = received.WouldBlock || (received.Bytes > 0 && received.Bytes < buffer.Length && !_mayHoldMore);
        return received;
    }

    /// <summary>The kernel is asked again, whatever is known: what it has may be no news yet.</summary>
    internal void LookAgain() => (_isDrained, _steps) = (false, 0);

    /// <summary>Counts a step that is done for it without waiting. True: the others' turn has come, so whoever goes on must leave the loop.</summary>
    internal bool HasHadItsTurn()
    {
        if (++_steps <= TurnSteps)
            return false;
        _steps = 0;
        return true;
    }

    /// <summary>Waits until something may have come, or an end.</summary>
    internal ValueTask<int> WaitToReceiveAsync(CancellationToken cancelled)
    {
        if (!_isDrained)
            return default;
        (_isDrained, _steps) = (false, 0);
        return _in.WaitAsync(cancelled);
    }

    /// <returns>0 = the peer has ended.</returns>
    /// <exception cref="IOException">The connection is gone.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancelled = default)
    {
        if (HasHadItsTurn())
            await Task.Yield();
        while (true)
        {
            IoResult received = Receive(buffer.Span);
            if (received.IsOk)
                return received.Bytes;
            if (!received.WouldBlock)
                throw new LinuxException("recv", received.Error);
            await WaitToReceiveAsync(cancelled);
        }
    }

    /// <summary>What the kernel takes at once.</summary>
    /// <exception cref="LinuxException">It is closed already.</exception>
    internal IoResult Send(ReadOnlySpan<byte> bytes)
    {
        using OwnedFd.Use use = _owned.Hold();
        return StreamSocket.Send(use.Fd, bytes);
    }

    /// <summary>Waits until the kernel may take more, or a connect is done.</summary>
    internal ValueTask<int> WaitToSendAsync(CancellationToken cancelled) => _out.WaitAsync(cancelled);

    /// <summary>Completes when the kernel has taken everything.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    internal ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancelled = default)
    {
        IoResult sent = Send(bytes.Span);
        return sent.IsOk && sent.Bytes == bytes.Length ? default : SendRestAsync(sent, bytes, cancelled);
    }

    /// <summary>Sends our end; nothing if the connection is gone.</summary>
    internal void EndSending()
    {
        using OwnedFd.Use use = _owned.Hold();
        StreamSocket.ShutdownWrite(use.Fd);
    }

    /// <summary>How a connect has ended.</summary>
    internal Errno TakeError()
    {
        using OwnedFd.Use use = _owned.Hold();
        return StreamSocket.TakeError(use.Fd);
    }

    /// <summary>A peer that has vanished is found.</summary>
    internal void KeepAlive()
    {
        using OwnedFd.Use use = _owned.Hold();
        StreamSocket.KeepAlive(use.Fd);
    }

    /// <summary>A peer that takes nothing of what was sent, or has vanished, is cut after this long.</summary>
    internal void LimitStall(TimeSpan stallMax)
    {
        using OwnedFd.Use use = _owned.Hold();
        StreamSocket.LimitStall(use.Fd, stallMax);
    }

    /// <summary>Closes with a reset.</summary>
    internal void Abort() => Close(isReset: true);

    public void Dispose() => Close(isReset: false);

    /// <summary>From the loop.</summary>
    internal void Tell(EpollEvents news)
    {
        const EpollEvents Ends = EpollEvents.ReadHangUp | EpollEvents.HangUp | EpollEvents.Error;
        if ((news & Ends) != 0)
            _hasEnded = _mayHoldMore = true;
        if ((news & EpollEvents.Priority) != 0)
            _mayHoldMore = true;
        if ((news & (EpollEvents.In | EpollEvents.Priority | Ends)) != 0)
            _in.Tell();
        if ((news & (EpollEvents.Out | EpollEvents.HangUp | EpollEvents.Error)) != 0)
            _out.Tell();
    }

    private async ValueTask SendRestAsync(IoResult sent, ReadOnlyMemory<byte> bytes, CancellationToken cancelled)
    {
        while (true)
        {
            if (!sent.IsOk && !sent.WouldBlock)
                throw new LinuxException("send", sent.Error);
            bytes = bytes[sent.Bytes..];
            if (bytes.IsEmpty)
                return;
            await _out.WaitAsync(cancelled);
            sent = Send(bytes.Span);
        }
    }

    private void Close(bool isReset)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
            return;
        using (OwnedFd.Use use = _owned.Hold())
        {
            Loop.Remove(this, use.Fd);
            if (isReset)
                StreamSocket.LetCloseReset(use.Fd);
        }
        _owned.Dispose();
        _in.Close();
        _out.Close();
    }
}
