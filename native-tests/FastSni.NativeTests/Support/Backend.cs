using System.Net;
using System.Net.Sockets;
using FastSni.Config;

namespace FastSni.NativeTests.Support;

/// <summary>A server behind the gateway. The test takes its connections and plays its part.</summary>
internal sealed class Backend : IDisposable
{
    private readonly Socket _listener;

    private Backend(Socket listener) => _listener = listener;

    internal int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    internal ServerAddress Address => Setup.Server(Port);

    internal BackendOptions Options => Setup.Servers(Address);

    internal static Backend Start() => Start(IPAddress.Loopback);

    internal static Backend Start(IPAddress address)
    {
        Socket listener = Loopback.NewSocket(address.AddressFamily);
        listener.Bind(new IPEndPoint(address, 0));
        listener.Listen();
        return new Backend(listener);
    }

    /// <summary>The next connection the gateway opens.</summary>
    internal async Task<Socket> AcceptAsync()
    {
        using CancellationTokenSource patience = new(Loopback.Patience);
        return Loopback.Bound(await _listener.AcceptAsync(patience.Token));
    }

    /// <summary>Connections nobody has taken yet.</summary>
    internal bool HasCallers => _listener.Poll(0, SelectMode.SelectRead);

    public void Dispose() => _listener.Dispose();
}
