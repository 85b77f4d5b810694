using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FastSni.Http;

internal enum HeadState { Incomplete, Bad, Tunnel, Body }

/// <summary>Reads a server's answer from a connection and writes it to the client as it comes.</summary>
internal sealed class ResponseReader(Exchange exchange, HttpRoute route, UpstreamConnection connection, RequestShape shape)
{
    private const int InterimsMax = 16;

    private ResponseBody _body;
    private int _scanned, _interims;
    private bool _isPersistent;

    /// <summary>After a delivered answer: the connection may carry another request.</summary>
    internal bool LeavesReusable => _isPersistent && _body.Kind != BodyKind.UntilClose && connection.IsEmpty;

    /// <summary>Takes the answer's head from what was received, over interim ones, and copies it to the client's answer, which has not begun yet.</summary>
    internal HeadState TakeHead()
    {
        while (!connection.IsEmpty)
        {
            ReadOnlySpan<byte> bytes = connection.Buffered.Span;
            int length = ResponseHead.FindEnd(bytes, ref _scanned);
            if (length <= 0)
                return length == 0 ? HeadState.Incomplete : HeadState.Bad;
            HeadState state = Take(bytes[..length]);
            connection.Consume(length);
            _scanned = 0;
            if (state != HeadState.Incomplete)
                return state;
        }
        return HeadState.Incomplete;
    }

    /// <summary>Brings the body to the client.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<Outcome> RelayBodyAsync()
    {
        while (true)
        {
            if (!_body.TryDecode(connection.Buffered.Span, out int consumed, out int produced))
                return Outcome.BadAnswer;
            bool isWhole = _body.IsWhole;
            if (isWhole && IsFollowedByStrayBytes(consumed))
                return Outcome.BadAnswer;
            if (isWhole && _body.Kind == BodyKind.Chunked && !exchange.Response.HasStarted && connection.Buffered.Span[consumed..] is [(byte)'\r', (byte)'\n'])
                exchange.Response.Headers.ContentLength = produced;     // It is all there: no need to send it in chunks again.
            if (produced > 0)
            {
                exchange.DownBytes += produced;
                // A server that is ahead of its client is never waited for: the deadline of the last wait must not outlive the bytes that move.
                connection.Expect(exchange.Plan.Snapshot.Gateway.IdleTimeout);
                FlushResult written = await exchange.ResponseBody.Writer.WriteAsync(connection.Buffered[..produced]);
                if (written.IsCompleted || written.IsCanceled)
                    return Outcome.ClientGone;
            }
            connection.Consume(consumed);
            if (isWhole)
                return _body.Kind == BodyKind.Chunked ? await RelayTrailersAsync() : Outcome.Delivered;
            if (!await TryReceiveAsync())
                return _body.Kind == BodyKind.UntilClose ? Outcome.Delivered : Outcome.BadAnswer;
        }
    }

    // Bytes behind a body of known length: the server and we do not agree on where it ends. Behind an answer without a body they are
    // a common mistake (a body for HEAD), and only cost the connection.
    private bool IsFollowedByStrayBytes(int consumed) => _body.Kind == BodyKind.Length && connection.Buffered.Length > consumed;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome> RelayTrailersAsync()
    {
        while (true)
        {
            int length = connection.Buffered.Span.StartsWith("\r\n"u8) ? 2 : ResponseHead.FindEnd(connection.Buffered.Span, ref _scanned);
            if (length < 0)
                return Outcome.BadAnswer;
            if (length > 0)
            {
                IHeaderDictionary? target = length > 2 ? exchange.Features.Get<IHttpResponseTrailersFeature>()?.Trailers : null;
                bool isGood = ResponseCopy.TryCopyTrailers(connection.Buffered.Span[..length], target);
                connection.Consume(length);
                return isGood && connection.IsEmpty ? Outcome.Delivered : Outcome.BadAnswer;
            }
            if (!await TryReceiveAsync())
                return Outcome.BadAnswer;
        }
    }

    // False: the server has ended its direction.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> TryReceiveAsync()
    {
        ValueTask<int> receiving = connection.ReceiveAsync();
        if (!receiving.IsCompleted)
        {
            connection.Expect(exchange.Plan.Snapshot.Gateway.IdleTimeout);
            // A head whose body may be long in coming must not wait for it.
            if (!exchange.Response.HasStarted)
                await exchange.ResponseBody.Writer.FlushAsync();
        }
        int received = await receiving;
        connection.Received(received);
        return received > 0;
    }

    // Incomplete: it was an interim answer, and the real one is still to come.
    private HeadState Take(ReadOnlySpan<byte> head)
    {
        var lines = new HeadLines(head);
        ResponseFraming framing = default;
        if (!lines.TryReadLine(out ReadOnlySpan<byte> line) || !StatusLine.TryRead(line, out StatusLine status)
            || !TryCopyHeaders(ref lines, ref framing))
            return HeadState.Bad;
        if (status.Status == 101)
            return Tunnel.TryComplete(exchange, route, status, framing, shape) ? HeadState.Tunnel : HeadState.Bad;
        // A 2xx to an extended CONNECT says that the tunnel stands, which only a 101 can say here.
        if (shape.WebSocketKey is not null && status.Status is >= 200 and < 300)
            return HeadState.Bad;
        if (status.Status < 200)
        {
            exchange.Response.Headers.Clear();
            return ++_interims <= InterimsMax ? HeadState.Incomplete : HeadState.Bad;
        }
        if (!ResponseBody.TryCreate(status, framing, exchange.Request.Method == "HEAD", out _body))
            return HeadState.Bad;
        _isPersistent = framing.IsPersistent(status.IsHttp11) && shape.Upgrade is null;
        ResponseCopy.Complete(exchange, route, status, framing);
        return HeadState.Body;
    }

    private bool TryCopyHeaders(ref HeadLines lines, ref ResponseFraming framing)
    {
        try
        {
            return ResponseCopy.TryCopyHeaders(ref lines, exchange.Response.Headers, connection.Values, ref framing);
        }
        catch (InvalidOperationException)
        {
            return false;   // Kestrel found a character in a value that it does not send.
        }
    }
}
