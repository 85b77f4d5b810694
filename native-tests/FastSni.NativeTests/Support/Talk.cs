using System.Net.Sockets;
using FastSni.Config;
using FastSni.Linux;
using Xunit;

namespace FastSni.NativeTests.Support;

/// <summary>A session in its middle: the backend has the hello, and both sides may do what they like.</summary>
internal sealed class Talk : IDisposable
{
    private Talk(TestGateway gateway, Backend backend, Socket client, Socket server) =>
        (Gateway, Backend, Client, Server) = (gateway, backend, client, server);

    internal TestGateway Gateway { get; }
    internal Backend Backend { get; }
    internal Socket Client { get; }
    internal Socket Server { get; }

    internal static async Task<Talk> StartAsync(GatewayOptions? options = null, int workers = 1)
    {
        var backend = Backend.Start();
        TestGateway gateway = await TestGateway.StartAsync((Setup.To(backend) with { Options = options ?? new() }).Snapshot, workers);
        Socket client = gateway.Connect(Hellos.App);
        Socket server = await backend.AcceptAsync();
        server.ReadExactly(Hellos.App.Length);
        return new Talk(gateway, backend, client, server);
    }

    /// <summary>Waits until the gateway's kernel side has all of it: what is unsent when a socket is reset never leaves.</summary>
    internal Task SentEverythingAsync(Socket socket)
    {
        Fd descriptor = new((int)socket.Handle);
        return Eventually.IsTrueAsync(() => StreamSocket.UnacknowledgedBytes(descriptor) == 0, "everything is acknowledged");
    }

    /// <summary>Both sides are reset, not ended: a stream that is cut must not pass for a whole one.</summary>
    internal void IsCut()
    {
        Assert.Equal(SocketError.ConnectionReset, Client.ReadToLast().End);
        Assert.Equal(SocketError.ConnectionReset, Server.ReadToLast().End);
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        Gateway.Dispose();
        Backend.Dispose();
    }
}
