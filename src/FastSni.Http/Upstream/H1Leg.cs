using System.Numerics;
using System.Runtime.CompilerServices;
using FastSni.Backends;
using FastSni.Config;
using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>Requests that go to a backend by HTTP/1.1: to a server of the route, and to the next when nothing was sent to the first.</summary>
internal sealed class H1Leg(ILogger log, UpstreamTrust trust, SocketLoops loops)
{
    private readonly Connector _connector = new(loops);
    private readonly ConditionalWeakTable<HttpRoute, UpstreamPool[]> _pools = [];
    private readonly ConnectionSweep _sweep = new();

    /// <summary>Answers the exchange, whatever happens.</summary>
    internal async Task ForwardAsync(Exchange exchange, HttpRoute route)
    {
        RequestShape shape = RequestShape.Of(exchange);
        UpstreamPool[] pools = _pools.GetValue(route, MakePools);
        int refusal = route.MaxBodyBytes > 0 && shape.ContentLength > route.MaxBodyBytes ? 413 : pools.Length == 0 ? 502 : 0;
        if (refusal != 0)
        {
            await UpstreamPage.WriteAsync(exchange, route, refusal);
            return;
        }
        Reply reply = new(503, MayTryNext: true);   // No server has an address.
        ulong tried = 0;
        long now = exchange.StartedMicros;
        while (true)
        {
            ulong before = tried;
            if (route.Pool.Pick(exchange.Client.Client, ref tried, now) is not { } server)
                break;
            server.Enter();
            try
            {
                reply = await AskAsync(exchange, route, pools[BitOperations.TrailingZeroCount(tried & ~before)], shape);
            }
            finally
            {
                server.Leave();
            }
            if (!reply.MayTryNext)
                break;
            now = Clock.Micros;
        }
        if (reply.Status != 0)
            await UpstreamPage.WriteAsync(exchange, route, reply.Status);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Reply> AskAsync(Exchange exchange, HttpRoute route, UpstreamPool pool, RequestShape shape)
    {
        UpstreamConnection? connection = pool.TryTake(pool.TlsName(exchange));
        while (true)
        {
            if (connection is null)
            {
                (connection, Outcome failure) = await _connector.ConnectAsync(pool, exchange, route);
                if (connection is null)
                    return new Reply(failure == Outcome.TimedOut ? 504 : 502, MayTryNext: true);
            }
            (exchange.Backend, exchange.BackendPath) = (connection.Address, pool.Server.IsUnix ? pool.Server.Config.Text : null);
            bool isReused = connection.IsReused;
            var attempt = new H1Attempt(exchange, route, connection, shape);
            Outcome outcome = await attempt.RunAsync();
            if (outcome == Outcome.Delivered)
            {
                pool.Report.Succeeded(route);
                return default;
            }
            // A connection that had waited may have been closed by the server just as we used it.
            if (isReused && (outcome == Outcome.NotSent || (outcome == Outcome.NoAnswer && !shape.HasBody && RequestShape.IsIdempotent(exchange.Request.Method))))
            {
                connection = null;
                continue;
            }
            return ReplyTo(outcome, attempt, exchange, route, pool.Server);
        }
    }

    private Reply ReplyTo(Outcome outcome, H1Attempt attempt, Exchange exchange, HttpRoute route, Server server)
    {
        if (outcome is Outcome.NoAnswer or Outcome.BadAnswer)
            UpstreamLog.BadAnswer(log, route.Label, server.Config.Text, outcome);
        if (outcome == Outcome.ClientGone && attempt.ClientFault == 0)
        {
            exchange.Abort();
            return default;
        }
        return new Reply(outcome switch
        {
            Outcome.TimedOut => 504,
            Outcome.ClientGone => attempt.ClientFault,
            Outcome.BadRequest => 400,
            _ => 502,
        }, MayTryNext: outcome == Outcome.NotSent);
    }

    // None where the servers can't be trusted.
    private UpstreamPool[] MakePools(HttpRoute route)
    {
        bool isHttps = route.Options.Scheme == HttpScheme.Https;
        UpstreamTls? tls = isHttps ? trust.Of(route) : null;
        return isHttps && tls is null ? [] : [.. route.Pool.Servers.Select(server => new UpstreamPool(server, route.Options, tls, _sweep, log))];
    }

    /// <summary>What becomes of a request that one server was asked.</summary>
    /// <param name="Status">To be answered; 0 = the client has its answer, or has left.</param>
    /// <param name="MayTryNext">Another server may be asked first.</param>
    private readonly record struct Reply(int Status, bool MayTryNext);
}
