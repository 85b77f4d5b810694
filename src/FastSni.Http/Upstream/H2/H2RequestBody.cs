using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace FastSni.Http;

/// <summary>A client's body on its way to a backend, as it comes. It can be sent once.</summary>
internal sealed class H2RequestBody(Exchange exchange, H2Patience patience) : HttpContent
{
    private const int Waiting = 0, Running = 1, Stopped = 2;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    /// <summary>How reading from the client failed; null = it did not.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Sends no more, and returns when the client's reader is not in use any longer. The patience must have been cancelled.</summary>
    internal Task StopAsync() => Interlocked.Exchange(ref _state, Stopped) == Running ? _ended.Task : Task.CompletedTask;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Running, Waiting) != Waiting)
            throw new IOException("the request's body can't be sent again");
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
            await CopyAsync(stream, either.Token);
            patience.Sent();
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    /// <summary>Unknown but for what the client has announced, which is in the headers.</summary>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private async Task CopyAsync(Stream target, CancellationToken cancelled)
    {
        // The headers go out at once: whoever streams both ways may wait for the answer's before it sends a byte.
        await target.FlushAsync(cancelled);
        PipeReader source = exchange.Body;
        patience.Moved();
        while (true)
        {
            ReadResult read = await ReadAsync(source, cancelled);
            try
            {
                Count(read.Buffer.Length);
                foreach (ReadOnlyMemory<byte> part in read.Buffer)
                    await target.WriteAsync(part, cancelled);
                if (!read.Buffer.IsEmpty)
                    await target.FlushAsync(cancelled);
            }
            finally
            {
                // Also behind a failure: Kestrel reads on, to find the next request.
                source.AdvanceTo(read.Buffer.End);
            }
            if (read.IsCompleted)
                return;
            patience.Moved();
        }
    }

    private void Count(long bytes)
    {
        try
        {
            exchange.CountUp(bytes);
        }
        catch (BadHttpRequestException tooLarge)
        {
            Failure = tooLarge;
            throw;
        }
    }

    private async ValueTask<ReadResult> ReadAsync(PipeReader source, CancellationToken cancelled)
    {
        try
        {
            return await source.ReadAsync(cancelled);
        }
        catch (Exception fault) when (fault is IOException || (fault is OperationCanceledException && !cancelled.IsCancellationRequested))
        {
            Failure = fault;
            throw;
        }
    }
}
