using FastSni.Linux;

namespace FastSni.Http;

/// <summary>
/// A thread that waits for the sockets of the HTTP rooms, and runs there whoever waited: handshake, request, backend and answer without a change of threads.
/// .NET's own sockets do that too, but with a dozen calls and a kilobyte for each connection.
/// </summary>
internal sealed class SocketLoop : IDisposable
{
    private const int EventsMax = 256, DescriptorsAtStart = 64;

    private const EpollEvents Wanted = EpollEvents.In | EpollEvents.Out | EpollEvents.ReadHangUp | EpollEvents.Priority | EpollEvents.EdgeTriggered;

    private readonly Epoll _epoll;
    private readonly WakeUp _wakeUp;
    private readonly Lock _lock = new();
    private LoopSocket?[] _sockets = new LoopSocket?[DescriptorsAtStart];   // By descriptor.
    private uint _added;
    private volatile bool _isEnding;

    /// <exception cref="LinuxException">No descriptors.</exception>
    internal SocketLoop(string name)
    {
        _epoll = Epoll.Create();
        try
        {
            _wakeUp = WakeUp.Create();
        }
        catch
        {
            _epoll.Dispose();
            throw;
        }
        // Its token is that of no socket.
        _epoll.TryAdd(_wakeUp.Fd, EpollEvents.In, token: 0);
        new Thread(Run) { Name = name, IsBackground = true }.Start();
    }

    /// <summary>From now on the socket hears of its news.</summary>
    /// <exception cref="LinuxException">ENOMEM, ENOSPC: no more can be watched, or the loop has ended.</exception>
    internal void Add(LoopSocket socket, Fd descriptor)
    {
        lock (_lock)
        {
            // A number may be another socket's by the time that an event is looked at.
            socket.Token = ((ulong)++_added << 32) | (uint)descriptor.Number;
            if (descriptor.Number >= _sockets.Length)
            {
                var larger = new LoopSocket?[Math.Max(descriptor.Number + 1, _sockets.Length * 2)];
                _sockets.CopyTo(larger, 0);
                Volatile.Write(ref _sockets, larger);
            }
            _sockets[descriptor.Number] = socket;
            if (!_isEnding && _epoll.TryAdd(descriptor, Wanted, socket.Token))
                return;
            _sockets[descriptor.Number] = null;
        }
        throw new LinuxException("epoll_ctl", Errno.NoSpace);
    }

    /// <summary>Before the descriptor is closed.</summary>
    internal void Remove(LoopSocket socket, Fd descriptor)
    {
        lock (_lock)
        {
            // It may never have been added.
            if ((uint)descriptor.Number < (uint)_sockets.Length && _sockets[descriptor.Number] == socket)
                _sockets[descriptor.Number] = null;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_isEnding)
                return;
            _isEnding = true;
            _wakeUp.Signal();
        }
    }

    private void Run()
    {
        var events = new EpollEvent[EventsMax];
        while (!_isEnding)
        {
            foreach (EpollEvent news in events.AsSpan(0, _epoll.Wait(events, timeoutMilliseconds: -1)))
            {
                LoopSocket? socket = Volatile.Read(ref _sockets)[(int)(uint)news.Token];
                if (socket?.Token == news.Token)
                    socket.Tell(news.Events);
            }
        }
        lock (_lock)
        {
            _epoll.Dispose();
            _wakeUp.Dispose();
        }
    }
}
