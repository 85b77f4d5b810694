using System.Numerics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>
/// Sends requests on by HTTP/2: to h2c backends, and gRPC to https backends. Both directions stream, at once, and trailers follow the answer.
/// </summary>
internal sealed class H2Leg(ILogger log, UpstreamTrust trust, SocketLoops loops) : IDisposable
{
    private readonly H2Links _links = new(log, trust, loops);

    /// <summary>Answers the exchange from a server of the route: the next one is asked while nothing could be sent. 501 for what only HTTP/1.1 carries here.</summary>
    internal async Task ForwardAsync(Exchange exchange, HttpRoute route)
    {
        if (IsTunnel(exchange))
        {
            H2Log.NoTunnel(log, route.Label);
            await UpstreamPage.WriteAsync(exchange, route, StatusCodes.Status501NotImplemented);
            return;
        }
        if (route.MaxBodyBytes > 0 && exchange.Request.Headers.ContentLength > route.MaxBodyBytes)
        {
            await UpstreamPage.WriteAsync(exchange, route, StatusCodes.Status413PayloadTooLarge);
            return;
        }
        using var patience = new H2Patience(exchange, route);
        H2RequestBody? body = exchange.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } ? new H2RequestBody(exchange, patience) : null;
        try
        {
            await ForwardAsync(exchange, route, body, patience);
        }
        finally
        {
            // Kestrel's reader may not be in use once this exchange is over.
            patience.Cancel();
            if (body is not null)
                await body.StopAsync();
        }
    }

    public void Dispose() => _links.Dispose();

    private async Task ForwardAsync(Exchange exchange, HttpRoute route, H2RequestBody? body, H2Patience patience)
    {
        H2Link[] links = _links.Of(route);
        if (links.Length == 0)
        {
            await UpstreamPage.WriteAsync(exchange, route, StatusCodes.Status502BadGateway);
            return;
        }
        ulong tried = 0, before = 0;
        int status = StatusCodes.Status503ServiceUnavailable;
        while (route.Pool.Pick(exchange.Client.Client, ref tried, Clock.Micros) is { } server)
        {
            H2Link link = links[BitOperations.TrailingZeroCount(tried & ~before)];
            before = tried;
            server.Enter();
            try
            {
                await AskAsync(link, exchange, route, body, patience);
                return;
            }
            catch (UnreachableServerException fault)
            {
                link.Report.Failed(route, fault.Message, fault.IsServersFault);
                status = fault.TimedOut ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status502BadGateway;
            }
            catch (Exception fault) when (IsOfTheNetwork(fault))
            {
                status = StatusOf(fault, exchange, body, patience);
                H2Log.NoAnswer(log, route.Label, server.Config.Text, fault.InnerException?.Message ?? fault.Message);
                break;
            }
            finally
            {
                server.Leave();
            }
        }
        if (status == 0)
            exchange.Abort();
        else
            await UpstreamPage.WriteAsync(exchange, route, status);
    }

    private static async Task AskAsync(H2Link link, Exchange exchange, HttpRoute route, H2RequestBody? body, H2Patience patience)
    {
        exchange.Backend = link.Server.Addresses is [var first, ..] ? first.WithPort(link.Port) : default;
        HttpRequestMessage message = H2Request.Create(exchange, link, body);
        patience.Begin(body is not null);
        using HttpResponseMessage response = await link.SendAsync(message, exchange, patience);
        patience.Answered();
        link.Report.Succeeded(route);
        await H2Answer.CopyAsync(response, exchange, route, patience);
    }

    /// <returns>What to answer; 0 = nobody is there to be answered.</returns>
    private static int StatusOf(Exception fault, Exchange exchange, H2RequestBody? body, H2Patience patience)
    {
        if (body?.Failure is BadHttpRequestException refused)
            return refused.StatusCode;      // Too large, or too slow.
        if (exchange.Aborted.IsCancellationRequested || body?.Failure is not null)
            return 0;
        return fault is OperationCanceledException && patience.Token.IsCancellationRequested ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status502BadGateway;
    }

    // InvalidOperationException: Kestrel takes no such header, or no body behind such a status.
    private static bool IsOfTheNetwork(Exception fault) =>
        fault is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException or BadHttpRequestException;

    private static bool IsTunnel(Exchange exchange) => exchange.Request.Method == HttpMethods.Connect
        || (exchange.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } && HeaderName.IsInList(exchange.Request.Headers.Upgrade, "websocket"));
}
