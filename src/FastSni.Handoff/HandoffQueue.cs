using System.Threading.Channels;

namespace FastSni.Handoff;

/// <summary>The door between the loop and the HTTP rooms: bounded, and no worker ever waits at it.</summary>
public sealed class HandoffQueue
{
    /// <summary>Connections that wait for the room to take them; it takes thousands a second.</summary>
    public const int ClientsMax = 1024;

    private readonly Channel<HandedOffClient> _clients =
        Channel.CreateBounded<HandedOffClient>(new BoundedChannelOptions(ClientsMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>False: the queue is full, or the room is closing; the client stays the caller's.</summary>
    public bool TryPost(HandedOffClient client) => _clients.Writer.TryWrite(client);

    /// <summary>The rooms take nobody any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Every client in turn, until <see cref="Close"/>.</summary>
    public IAsyncEnumerable<HandedOffClient> TakeAllAsync() => _clients.Reader.ReadAllAsync();

    /// <summary>Takes no more; what is queued can still be taken.</summary>
    public void Close()
    {
        IsClosed = true;
        _clients.Writer.TryComplete();
    }
}
