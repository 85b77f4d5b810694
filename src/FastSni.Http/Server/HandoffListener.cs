using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using FastSni.Handoff;
using Microsoft.AspNetCore.Connections;

namespace FastSni.Http;

/// <summary>Gives Kestrel the clients that the loop hands off, in the place of a listening socket.</summary>
internal sealed class HandoffListener : IConnectionListener, IConnectionListenerFactory
{
    // The thread that gives a client away goes on with it: Kestrel only makes a work item of it, so nobody is held up, and a change of threads is saved.
    private readonly Channel<HandedOffClient> _clients =
        Channel.CreateBounded<HandedOffClient>(new BoundedChannelOptions(HandoffQueue.ClientsMax) { SingleReader = true, AllowSynchronousContinuations = true });

    internal OpenConnections Connections { get; } = new();

    public EndPoint EndPoint { get; } = new HandoffEndPoint();

    /// <summary>Takes a client over, or closes it: false where too many are waiting, or the server is stopping. Never waits: other servers' clients are next.</summary>
    internal bool TryPost(HandedOffClient client)
    {
        if (_clients.Writer.TryWrite(client))
            return true;
        Discard(client);
        return false;
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

    // Whatever is wrong with one client, Kestrel must not hear of it: it stops accepting at the first exception. A client that has reset meanwhile makes a
    // socket without a peer, which then has no stream.
    private HandoffConnection? TryOpen(HandedOffClient client)
    {
        if (client.Lease.IsCloseRequested)
        {
            Discard(client);
            return null;
        }
        SafeSocketHandle handle = new(client.Descriptor, ownsHandle: true);
        try
        {
            return new HandoffConnection(client, new Socket(handle), Connections);
        }
        catch (Exception)
        {
            handle.Dispose();
            client.Lease.Return();
            return null;
        }
    }
}
