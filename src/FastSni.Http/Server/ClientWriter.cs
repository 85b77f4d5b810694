using System.IO.Pipelines;

namespace FastSni.Http;

/// <summary>
/// The way to the client as Kestrel wants it: a client that has gone is told as a completed flush. Kestrel takes an exception of a flush for an error of its
/// own and logs it, so that any client could fill the log.
/// </summary>
internal sealed class ClientWriter(Stream stream, Action whenGone) : PipeWriter
{
    // Each buffer is a write of its own: a whole TLS record (RFC 8446 5.1), and not four of a quarter.
    private const int BufferBytes = 16 * 1024;

    private static readonly StreamPipeWriterOptions Options = new(minimumBufferSize: BufferBytes, leaveOpen: true);

    private readonly PipeWriter _writer = Create(stream, Options);
    private bool _isGone;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _writer.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _writer.GetSpan(sizeHint);

    public override void Advance(int bytes) => _writer.Advance(bytes);

    public override void CancelPendingFlush() => _writer.CancelPendingFlush();

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_isGone)
            return Gone;
        ValueTask<FlushResult> flush = _writer.FlushAsync(cancellationToken);
        return flush.IsCompletedSuccessfully ? flush : WaitAsync(flush);
    }

    // An error makes the writer drop what it holds; without one it would flush on this thread, and block it.
    public override void Complete(Exception? exception = null) => _writer.Complete(exception ?? new IOException());

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (exception is null)
            await FlushAsync();
        Complete(exception);
    }

    private static ValueTask<FlushResult> Gone => new(new FlushResult(isCanceled: false, isCompleted: true));

    private async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            return await flush;
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or InvalidOperationException)
        {
            _isGone = true;
            whenGone();
            return await Gone;
        }
    }
}
