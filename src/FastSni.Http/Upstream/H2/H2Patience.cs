namespace FastSni.Http;

/// <summary>
/// How long an exchange waits: response-timeout from the request's last byte to the first of the answer, idle-timeout whenever else no byte moves. Its
/// token also ends when the client leaves.
/// </summary>
internal sealed class H2Patience(Exchange exchange, HttpRoute route) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted);
    private readonly TimeSpan _idle = exchange.Plan.Snapshot.Gateway.IdleTimeout;
    private bool _isAnswered, _isOver;

    internal CancellationToken Token => _source.Token;

    internal void Begin(bool hasBody) => _source.CancelAfter(hasBody ? _idle : route.Options.ResponseTimeout);

    /// <summary>A connection has to be made first, which may end after the exchange.</summary>
    internal void Connecting(TimeSpan timeout)
    {
        lock (_lock)
        {
            if (!_isOver)
                _source.CancelAfter(timeout + route.Options.ResponseTimeout);
        }
    }

    /// <summary>The whole request has gone to the backend.</summary>
    internal void Sent()
    {
        // An answer may come before the request has ended, and is waited for no more then.
        lock (_lock)
            _source.CancelAfter(_isAnswered ? _idle : route.Options.ResponseTimeout);
    }

    internal void Answered()
    {
        lock (_lock)
        {
            _isAnswered = true;
            _source.CancelAfter(_idle);
        }
    }

    /// <summary>Bytes went one way or the other.</summary>
    internal void Moved() => _source.CancelAfter(_idle);

    internal void Cancel()
    {
        lock (_lock)
            _isOver = true;
        _source.Cancel();
    }

    public void Dispose() => _source.Dispose();
}
