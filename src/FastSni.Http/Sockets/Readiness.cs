using System.Threading.Tasks.Sources;
using FastSni.Linux;

namespace FastSni.Http;

/// <summary>
/// News of one direction of a socket, and the one that waits for it. The kernel tells of each change once (EPOLLET, epoll(7)), so news that nobody waits for
/// is kept until somebody asks.
/// </summary>
internal sealed class Readiness : IValueTaskSource<int>
{
    private const int Quiet = 0, News = 1, Waiting = 2, Closed = 3;

    // Who waits goes on on the loop's thread.
    private ManualResetValueTaskSourceCore<int> _wait;
    private int _state;
    private CancellationToken _cancelled;
    private CancellationTokenRegistration _cancellation;

    /// <summary>Takes the news, if there is any.</summary>
    internal bool TryTake() => Interlocked.CompareExchange(ref _state, Quiet, News) is News or Closed;

    /// <summary>Completes with 0 at the next news, or at once if there is some. One at a time may wait.</summary>
    /// <exception cref="OperationCanceledException">While waiting.</exception>
    /// <exception cref="LinuxException">The socket was closed, before or while waiting.</exception>
    internal ValueTask<int> WaitAsync(CancellationToken cancelled)
    {
        _wait.Reset();
        switch (Interlocked.CompareExchange(ref _state, Waiting, Quiet))
        {
            case Quiet:
                if (cancelled.CanBeCanceled)
                {
                    _cancelled = cancelled;
                    _cancellation = cancelled.UnsafeRegister(static readiness => ((Readiness)readiness!).Cancel(), this);
                }
                return new ValueTask<int>(this, _wait.Version);
            case News:
                TryTake();
                return default;
            default:
                return ValueTask.FromException<int>(Gone());
        }
    }

    /// <summary>From the loop: there is news.</summary>
    internal void Tell()
    {
        // Only the waiter's own going and closing can come in between.
        if (Interlocked.CompareExchange(ref _state, Quiet, Waiting) == Waiting)
            _wait.SetResult(0);
        else if (Interlocked.CompareExchange(ref _state, News, Quiet) == Waiting)
            Tell();
    }

    /// <summary>Nobody waits here any more.</summary>
    internal void Close()
    {
        if (Interlocked.Exchange(ref _state, Closed) == Waiting)
            Fail(Gone());
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        // Waits for a cancellation that is under way, which must not meet the next wait.
        _cancellation.Dispose();
        _cancellation = default;
        return _wait.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private static LinuxException Gone() => OwnedFd.Closed();

    private void Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Quiet, Waiting) == Waiting)
            Fail(new OperationCanceledException(_cancelled));
    }

    // Who cancels or closes may hold a lock: the waiter must not go on on that thread.
    private void Fail(Exception failure) =>
        ThreadPool.UnsafeQueueUserWorkItem(static failed => failed.This._wait.SetException(failed.Failure), (This: this, Failure: failure), preferLocal: false);
}
