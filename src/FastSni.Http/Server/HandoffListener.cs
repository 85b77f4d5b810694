using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using FastSni.Handoff;
using Microsoft.AspNetCore.Connections;

namespace FastSni.Http;

/// <summary>Gives Kestrel the clients that the loop hands off, in the place of a listening socket.</summary>
internal sealed class HandoffListener : IConnectionListener, IConnectionListenerFactory
{
    /// <summary>Clients ahead of Kestrel's accept loop; further ones wait in the <see cref="HandoffQueue"/>, where the limit has its answer.</summary>
    private const int ClientsMax = 16;

    private readonly Channel<HandedOffClient> _clients = Channel.CreateBounded<HandedOffClient>(ClientsMax);

    internal OpenConnections Connections { get; } = new();

    public EndPoint EndPoint { get; } = new HandoffEndPoint();

    /// <summary>Waits until Kestrel is ready for one more. After the end the client is closed.</summary>
    internal async ValueTask PostAsync(HandedOffClient client)
    {
        while (!_clients.Writer.TryWrite(client))
        {
            if (await _clients.Writer.WaitToWriteAsync())
                continue;
            Discard(client);
            return;
        }
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _clients.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_clients.Reader.TryRead(out HandedOffClient? client) && TryOpen(client) is { } connection)
                return connection;
        }
        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _clients.Writer.TryComplete();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        while (_clients.Reader.TryRead(out HandedOffClient? client))
            Discard(client);
    }

    internal static void Discard(HandedOffClient client)
    {
        new SafeSocketHandle(client.Descriptor, ownsHandle: true).Dispose();
        client.Lease.Return();
    }

    private HandoffConnection? TryOpen(HandedOffClient client)
    {
        SafeSocketHandle handle = new(client.Descriptor, ownsHandle: true);
        try
        {
            return new HandoffConnection(client, new Socket(handle), Connections);
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            // Reset meanwhile: the kernel no longer knows the peer.
            handle.Dispose();
            client.Lease.Return();
            return null;
        }
    }
}
