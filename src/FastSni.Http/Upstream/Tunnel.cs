using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FastSni.Http;

/// <summary>A connection that a 101 has made a tunnel: bytes go both ways until both have ended, or either is cut.</summary>
internal sealed class Tunnel
{
    private const int BufferBytes = 16 * 1024;
    private const string WebSocketGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";    // RFC 6455 1.3

    private readonly Exchange _exchange;
    private readonly UpstreamConnection _connection;
    private readonly Stream _client;
    private TimeSpan _patience;

    private Tunnel(Exchange exchange, UpstreamConnection connection, Stream client) =>
        (_exchange, _connection, _client, _patience) = (exchange, connection, client, exchange.Plan.Snapshot.Gateway.IdleTimeout);

    /// <summary>Checks a 101 and makes the client's answer of it. False: nobody asked for it, or the server switches to something else.</summary>
    internal static bool TryComplete(Exchange exchange, HttpRoute route, StatusLine status, ResponseFraming framing, RequestShape shape)
    {
        if (shape.Upgrade is null || framing.IsChunked || framing.Length > 0 || !shape.Upgrade.Equals(framing.Upgrade, StringComparison.OrdinalIgnoreCase))
            return false;
        IHeaderDictionary headers = exchange.Response.Headers;
        ResponseCopy.Complete(exchange, route, status, framing);
        headers.ContentLength = null;
        if (shape.WebSocketKey is not { } key)
        {
            headers.Upgrade = framing.Upgrade;
            return true;
        }
        // RFC 8441 5.1: the handshake of HTTP/1.1 ends here.
        headers.Remove("Sec-WebSocket-Accept");
        exchange.Response.StatusCode = 200;
        exchange.Response.ReasonPhrase = null;
        return framing.WebSocketAccept == AcceptOf(key);
    }

    // SHA-1 is what the protocol says (RFC 6455 4.2.2); it proves that the server speaks WebSocket, and protects nothing.
    internal static string AcceptOf(string key) =>
        Convert.ToBase64String(CryptographicOperations.HashData(HashAlgorithmName.SHA1, Encoding.ASCII.GetBytes(key + WebSocketGuid)));

    /// <summary>Runs until the end.</summary>
    internal static async ValueTask<Outcome> RunAsync(Exchange exchange, UpstreamConnection connection, RequestShape shape)
    {
        connection.Expect(exchange.Plan.Snapshot.Gateway.IdleTimeout);
        exchange.Connection?.BecomeTunnel();
        Stream client = shape.WebSocketKey is null
            ? await exchange.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync()
            : await exchange.Features.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync();
        using CancellationTokenSource over = new();
        var tunnel = new Tunnel(exchange, connection, client);
        Task<bool> up = tunnel.TryPumpUpAsync(over.Token);
        bool isComplete = false;
        try
        {
            isComplete = await tunnel.TryPumpDownAsync();
            // In HTTP/2 the client can go on when the server has ended; in HTTP/1.1 Kestrel ends a connection as a whole.
            if (isComplete && shape.WebSocketKey is not null)
            {
                await exchange.ResponseBody.CompleteAsync();
                isComplete = await up;
            }
        }
        finally
        {
            connection.Cut(isComplete ? Outcome.None : Outcome.BadAnswer);
            // Kestrel uses its reader and the exchange again once this has returned.
            await over.CancelAsync();
            await up;
        }
        return isComplete ? Outcome.Delivered : connection.Verdict;
    }

    // False: it was cut.
    private async Task<bool> TryPumpUpAsync(CancellationToken over)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
        Outcome whoEnds = Outcome.ClientGone;
        try
        {
            int count;
            while ((count = await _client.ReadAsync(buffer, over)) > 0)
            {
                _connection.Expect(_patience);
                _exchange.UpBytes += count;
                whoEnds = Outcome.BadAnswer;
                await _connection.SendAsync(buffer.AsMemory(0, count));
                whoEnds = Outcome.ClientGone;
            }
            Ended();
            whoEnds = Outcome.BadAnswer;
            await _connection.EndSendingAsync();
            return true;
        }
        catch (Exception fault) when (IsEnd(fault))
        {
            _connection.Cut(whoEnds);
            return false;
        }
    }

    // The same.
    private async Task<bool> TryPumpDownAsync()
    {
        Outcome whoEnds = Outcome.BadAnswer;
        try
        {
            while (true)
            {
                if (!_connection.IsEmpty)
                {
                    _exchange.DownBytes += _connection.Buffered.Length;
                    whoEnds = Outcome.ClientGone;
                    await _client.WriteAsync(_connection.Buffered);
                    await _client.FlushAsync();
                    whoEnds = Outcome.BadAnswer;
                    _connection.Consume(_connection.Buffered.Length);
                }
                _connection.Expect(_patience);
                int count = await _connection.ReceiveAsync();
                if (count == 0)
                    break;
                _connection.Received(count);
            }
            Ended();
            return true;
        }
        catch (Exception fault) when (IsEnd(fault))
        {
            _connection.Cut(whoEnds);
            return false;
        }
    }

    // One direction has ended; the other lives on the shorter timeout.
    private void Ended()
    {
        _patience = _exchange.Plan.Snapshot.Gateway.HalfCloseTimeout;
        _connection.Expect(_patience);
    }

    private static bool IsEnd(Exception fault) =>
        fault is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}
