using System.Net;
using System.Net.Sockets;

namespace FastSni.NativeTests.Support;

/// <summary>A port that does not answer: its accept queue is full and nobody takes from it, so the kernel drops every further SYN.</summary>
internal sealed class BlackHole : IDisposable
{
    private readonly List<Socket> _sockets = [];

    internal BlackHole()
    {
        Socket listener = Loopback.NewSocket();
        _sockets.Add(listener);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        // A queue of length 0 takes one; more callers are sent along, should a kernel count otherwise.
        for (int i = 0; i < 4; i++)
        {
            Socket caller = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _sockets.Add(caller);
            try
            {
                caller.Connect(IPAddress.Loopback, Port);
            }
            catch (SocketException notYet) when (notYet.SocketErrorCode == SocketError.WouldBlock)
            {
                // Under way, for ever.
            }
        }
    }

    internal int Port { get; }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
}
