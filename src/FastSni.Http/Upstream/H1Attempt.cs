using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;

namespace FastSni.Http;

/// <summary>One request on one connection: sends it, and brings the answer to the client. The connection is given back or closed at the end.</summary>
internal sealed class H1Attempt(Exchange exchange, HttpRoute route, UpstreamConnection connection, RequestShape shape)
{
    private readonly ResponseReader _answer = new(exchange, route, connection, shape);
    private Task<bool>? _upload;
    private bool _isSent, _hasAnswered, _hasSentAll;

    /// <summary>The status that a broken request body deserves; 0 = the client has just gone.</summary>
    internal int ClientFault { get; private set; }

    // One method, though it is long: every one on the way to the answer is suspended and resumed for it.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<Outcome> RunAsync()
    {
        Outcome outcome = Outcome.BadAnswer;
        try
        {
            if (!RequestHead.TryWrite(connection.Out, exchange, shape))
                return outcome = Outcome.BadRequest;
            // Reading comes before sending: it is done at once on a connection that has ended or brings bytes nobody asked for, and costs no call of its own.
            ValueTask<int> receiving = connection.ReceiveAsync();
            if (receiving.IsCompleted)
            {
                await receiving;
                return outcome = Outcome.NotSent;
            }
            _isSent = true;
            _hasSentAll = !shape.HasBody || RequestBody.TryAppendAll(exchange, shape, connection.Out);
            connection.Begin(exchange, _hasSentAll ? route.Options.ResponseTimeout : Gateway.IdleTimeout);
            if (await TrySendHeadAsync() && !_hasSentAll)
                _upload = UploadAsync();
            HeadState head = HeadState.Incomplete;
            while (head == HeadState.Incomplete)
            {
                int received = await receiving;
                if (received == 0)
                    return outcome = Failure;
                _hasAnswered = true;
                connection.Received(received);
                head = _answer.TakeHead();
                if (head == HeadState.Incomplete)
                    receiving = connection.ReceiveAsync();
            }
            if (head == HeadState.Body)
                outcome = await _answer.RelayBodyAsync();
            else if (head == HeadState.Tunnel)
                outcome = await Tunnel.RunAsync(exchange, connection, shape);
        }
        catch (BadHttpRequestException fault)
        {
            (ClientFault, outcome) = (fault.StatusCode, Outcome.ClientGone);
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException or OperationCanceledException)
        {
            outcome = Failure;
        }
        finally
        {
            if (_upload is not null)
                await EndUploadAsync(_upload);
            if (outcome == Outcome.Delivered && _hasSentAll && _answer.LeavesReusable)
                connection.Pool.Return(connection);
            else
                connection.Dispose();
        }
        return outcome;
    }

    private Outcome Failure => connection.Verdict != Outcome.None ? connection.Verdict
        : !_isSent ? Outcome.NotSent
        : _hasAnswered ? Outcome.BadAnswer : Outcome.NoAnswer;

    private Config.GatewayOptions Gateway => exchange.Plan.Snapshot.Gateway;

    // A server that closes while we send may have said why: what it said is read all the same.
    private async ValueTask<bool> TrySendHeadAsync()
    {
        try
        {
            await connection.SendAsync();
            return true;
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException)
        {
            _hasSentAll = false;
            return false;
        }
    }

    private async Task<bool> UploadAsync()
    {
        try
        {
            bool isWhole = await RequestBody.TrySendRestAsync(exchange, shape, connection);
            if (isWhole && !_hasAnswered)
                connection.Expect(route.Options.ResponseTimeout);
            return isWhole;
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Half a request must not be taken for a whole one.
            ClientFault = (fault as BadHttpRequestException)?.StatusCode ?? 0;
            connection.Cut(Outcome.ClientGone);
            return false;
        }
    }

    // The answer has ended, for good or ill: nobody reads the rest of the request.
    private async ValueTask EndUploadAsync(Task<bool> upload)
    {
        if (!upload.IsCompleted)
        {
            connection.Cut(Outcome.None);
            exchange.Body.CancelPendingRead();
        }
        _hasSentAll = await upload;
    }
}
