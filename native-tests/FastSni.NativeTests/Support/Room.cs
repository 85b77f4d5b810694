using System.Net.Sockets;
using FastSni.Config;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.NativeTests.Support;

/// <summary>A gateway that fills up: sessions enter and stay, and one may be sent away again.</summary>
internal sealed class Room : IDisposable
{
    private readonly Stack<(Socket Client, Socket Server)> _inside = new();

    private Room(TestGateway gateway, Backend backend) => (Gateway, Backend) = (gateway, backend);

    internal TestGateway Gateway { get; }

    internal Backend Backend { get; }

    internal static async Task<Room> OpenAsync(GatewayOptions options, int workers = 1)
    {
        var backend = Backend.Start();
        return new Room(await TestGateway.StartAsync((Setup.To(backend) with { Options = options }).Snapshot, workers), backend);
    }

    internal async Task<(Socket Client, Socket Server)> EnterAsync()
    {
        Socket client = Gateway.Connect(Hellos.App);
        Socket server = await Backend.AcceptAsync();
        _inside.Push((client, server));
        Assert.Equal(Hellos.App, server.ReadExactly(Hellos.App.Length));
        return (client, server);
    }

    /// <summary>The one that came last goes, and is known to be gone.</summary>
    internal async Task LeaveAsync()
    {
        (Socket client, Socket server) = _inside.Pop();
        client.Close();
        server.Close();
        Assert.Equal(CloseReason.Complete, await Gateway.NextEndAsync());
        await Gateway.HasSessionsAsync(_inside.Count);
    }

    /// <summary>One more comes, and is closed without a byte.</summary>
    internal async Task IsRefusedAsync(CloseReason reason)
    {
        using Socket client = Gateway.Connect(Hellos.App);
        (byte[] bytes, SocketError _) = client.ReadToLast();
        Assert.Empty(bytes);
        Assert.Equal(reason, await Gateway.NextEndAsync());
        Assert.False(Backend.HasCallers);
    }

    public void Dispose()
    {
        foreach ((Socket client, Socket server) in _inside)
        {
            client.Dispose();
            server.Dispose();
        }
        Gateway.Dispose();
        Backend.Dispose();
    }
}
