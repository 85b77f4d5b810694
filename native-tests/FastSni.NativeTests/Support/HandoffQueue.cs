using System.Threading.Channels;
using FastSni.Handoff;

namespace FastSni.NativeTests.Support;

/// <summary>Rooms in which clients wait until a test looks at them.</summary>
internal sealed class HandoffQueue : IHandoffRooms
{
    internal const int ClientsMax = 1024;

    private readonly Channel<HandedOffClient> _clients =
        Channel.CreateBounded<HandedOffClient>(new BoundedChannelOptions(ClientsMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public bool TryTake(HandedOffClient client) => _clients.Writer.TryWrite(client);

    public bool IsClosed { get; private set; }

    /// <summary>Every client in turn, until <see cref="Close"/>.</summary>
    internal IAsyncEnumerable<HandedOffClient> TakeAllAsync() => _clients.Reader.ReadAllAsync();

    /// <summary>Takes no more; what is queued can still be taken.</summary>
    internal void Close()
    {
        IsClosed = true;
        _clients.Writer.TryComplete();
    }
}
