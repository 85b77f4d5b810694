using FastSni.Linux;
using FastSni.Wire;

namespace FastSni.NativeTests.Support;

/// <summary>
/// A backend that sends everything back, or to all it reads the same answer, and ends when its client does. Once warm it allocates nothing: bare
/// descriptors and one buffer.
/// </summary>
internal sealed class QuietEcho : IDisposable
{
    private const ulong ListenerToken = ulong.MaxValue, StopToken = ulong.MaxValue - 1;

    private readonly ListenSocket _listener = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
    private readonly Epoll _epoll = Epoll.Create();
    private readonly WakeUp _stop = WakeUp.Create();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly byte[]? _answer;
    private readonly Thread _thread;
    private bool _isStopped;

    internal QuietEcho(byte[]? answer = null)
    {
        _answer = answer;
        _epoll.TryAdd(_listener.Fd, EpollEvents.In, ListenerToken);
        _epoll.TryAdd(_stop.Fd, EpollEvents.In, StopToken);
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    internal IpEndpoint Endpoint => _listener.Local;

    public void Dispose()
    {
        _stop.Signal();
        _thread.Join();
        _stop.Dispose();
        _epoll.Dispose();
        _listener.Dispose();
    }

    private void Run()
    {
        Span<EpollEvent> events = stackalloc EpollEvent[16];
        while (!_isStopped)
        {
            int count = _epoll.Wait(events, -1);
            foreach (EpollEvent happened in events[..count])
                Handle(happened.Token);
        }
    }

    private void Handle(ulong token)
    {
        if (token == StopToken)
            _isStopped = true;
        else if (token == ListenerToken)
            Accept();
        else
            Echo(new Fd((int)token));
    }

    private void Accept()
    {
        if (_listener.Accept(out Fd client, out _) == AcceptStatus.Accepted)
            _epoll.TryAdd(client, EpollEvents.In, (ulong)client.Number);
    }

    // Level-triggered, and never more under way than a send buffer takes.
    private void Echo(Fd client)
    {
        IoResult read = StreamSocket.Receive(client, _buffer);
        if (read.WouldBlock)
            return;
        if (read.Bytes == 0)
            client.Close();
        else
            StreamSocket.Send(client, _answer ?? _buffer.AsSpan(0, read.Bytes));
    }
}
