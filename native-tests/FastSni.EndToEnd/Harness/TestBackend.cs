using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace FastSni.EndToEnd.Harness;

/// <summary>A raw TCP (or unix socket) backend inside the test process. It records every connection and does what its script says.</summary>
internal sealed class TestBackend : IDisposable
{
    private readonly Socket _listener;
    private readonly Func<BackendSession, Task> _script;
    private readonly ConcurrentQueue<BackendSession> _sessions = [];
    private readonly ConcurrentDictionary<string, BackendSession> _byPeer = [];
    private readonly Channel<BackendSession> _accepted = Channel.CreateUnbounded<BackendSession>();
    private readonly ConcurrentQueue<Exception> _faults = [];
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestBackend(string name, EndPoint endPoint, Func<BackendSession, Task> script, bool proxy)
    {
        (Name, _script, ExpectsProxy) = (name, script, proxy);
        ProtocolType protocol = endPoint is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp;
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, protocol);
        _listener.Bind(endPoint);
        _listener.Listen(1024);
        EndPoint = _listener.LocalEndPoint!;
    }

    public string Name { get; }

    public EndPoint EndPoint { get; }

    public bool ExpectsProxy { get; }

    /// <summary>As the `backend` key writes it.</summary>
    public string Address => EndPoint is UnixDomainSocketEndPoint ? $"unix:{EndPoint}" : EndPoint.ToString()!;

    public int Port => ((IPEndPoint)EndPoint).Port;

    public int Accepted => _sessions.Count;

    public IReadOnlyCollection<BackendSession> Sessions => _sessions;

    /// <summary>Done when the backend is taken down.</summary>
    public Task Stopping => _stopping.Task;

    /// <param name="script">What it does with a connection, the PROXY header already read; <see cref="Scripts.AnswerAsync"/> if left out.</param>
    /// <param name="proxy">Whether each connection begins with a PROXY header. It must not be expected where the client is slow to speak.</param>
    public static TestBackend Start(string name, Func<BackendSession, Task>? script = null, bool proxy = true, EndPoint? at = null)
    {
        TestBackend backend = new(name, at ?? Loopback.NextV4(), script ?? Scripts.AnswerAsync, proxy);
        _ = backend.AcceptAsync();
        return backend;
    }

    /// <summary>The next connection nobody has asked for yet.</summary>
    public Task<BackendSession> NextAsync() => _accepted.Reader.ReadAsync().AsTask().Within($"a connection to backend {Name}");

    /// <summary>The connection whose PROXY header names this client.</summary>
    public async Task<BackendSession> SessionOfAsync(IPEndPoint client)
    {
        BackendSession? session = null;
        await Patience.UntilAsync(() => _byPeer.TryGetValue(client.ToString(), out session), () => $"backend {Name} to meet {client}");
        return session!;
    }

    public bool HasMet(IPEndPoint client) => _byPeer.ContainsKey(client.ToString());

    /// <summary>Nothing a script asserted has failed.</summary>
    public void AssertNoFaults() => Assert.Empty(_faults);

    public void Dispose()
    {
        _stopping.TrySetResult();
        _listener.Dispose();
        foreach (BackendSession session in _sessions)
            session.Dispose();
    }

    internal void Identified(BackendSession session)
    {
        _byPeer[session.Peer] = session;
        _accepted.Writer.TryWrite(session);
    }

    internal void Report(Exception fault) => _faults.Enqueue(fault);

    private async Task AcceptAsync()
    {
        while (!_stopping.Task.IsCompleted)
        {
            try
            {
                BackendSession session = new(await _listener.AcceptAsync(), this);
                _sessions.Enqueue(session);
                _ = session.RunAsync(_script);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // Taken down, or a connection that was reset before it was accepted.
            }
        }
    }
}
