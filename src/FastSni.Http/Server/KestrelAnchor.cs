using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace FastSni.Http;

/// <summary>
/// How Kestrel's HTTP is used without Kestrel's way of accepting, which hands every connection to the thread pool. It accepts exactly one connection, which
/// carries nothing: what Kestrel gives to that one, its HTTP finds behind the features of every other.
/// </summary>
internal sealed class KestrelAnchor : ConnectionContext, IConnectionListener, IConnectionListenerFactory, IDuplexPipe
{
    private readonly TaskCompletionSource _isHeld = new(TaskCreationOptions.RunContinuationsAsynchronously), _isReleased = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _accepted;

    public override string ConnectionId { get; set; } = "anchor";

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override IDuplexPipe Transport
    {
        get => this;
        set => throw new NotSupportedException();
    }

    PipeReader IDuplexPipe.Input => PipeReader.Create(Stream.Null);

    PipeWriter IDuplexPipe.Output => PipeWriter.Create(Stream.Null);

    EndPoint IConnectionListener.EndPoint { get; } = new HandoffEndPoint();

    /// <summary>Kestrel's HTTP for a connection; set once <see cref="HoldAsync"/> has completed.</summary>
    internal ConnectionDelegate Http { get; private set; } = null!;

    /// <summary>Completes when Kestrel has accepted it.</summary>
    internal Task HoldAsync() => _isHeld.Task;

    /// <summary>The end of Kestrel's chain of middleware, which is HTTP.</summary>
    internal ConnectionDelegate Keep(ConnectionDelegate http)
    {
        Http = http;
        return RunAsync;
    }

    ValueTask<IConnectionListener> IConnectionListenerFactory.BindAsync(EndPoint endpoint, CancellationToken cancellationToken) => new(this);

    async ValueTask<ConnectionContext?> IConnectionListener.AcceptAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _accepted) == 1)
            return this;
        await _isReleased.Task;
        return null;
    }

    ValueTask IConnectionListener.UnbindAsync(CancellationToken cancellationToken)
    {
        _isReleased.TrySetResult();
        return default;
    }

    public override void Abort(ConnectionAbortedException abortReason) => _isReleased.TrySetResult();

    private Task RunAsync(ConnectionContext anchor)
    {
        _isHeld.TrySetResult();
        return _isReleased.Task;
    }
}
