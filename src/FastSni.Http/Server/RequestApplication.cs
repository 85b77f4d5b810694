using FastSni.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FastSni.Http;

/// <summary>Kestrel's way to a room's handler, with a frame around every request: the limit, what becomes of a fault, the line in the access log.</summary>
internal sealed class RequestApplication(HttpServices services, IRequestHandler handler) : IHttpApplication<Exchange>
{
    public Exchange CreateContext(IFeatureCollection contextFeatures)
    {
        // Kestrel keeps the last request's context for the next one of the connection.
        IHostContextContainer<Exchange>? container = contextFeatures as IHostContextContainer<Exchange>;
        Exchange exchange = container?.HostContext ?? new Exchange();
        if (container is not null)
            container.HostContext = exchange;
        exchange.Connection ??= contextFeatures.GetRequiredFeature<HandoffConnection>();
        exchange.IsHttps = exchange.Connection.Tls is not null;
        exchange.Connection.CountRequest();
        exchange.Begin(contextFeatures, exchange.Connection.Client, services.Plans.Current, Clock.Micros);
        return exchange;
    }

    public async Task ProcessRequestAsync(Exchange context)
    {
        // Hundreds of requests fit into one receive.
        if (context.Connection!.HasHadItsTurn())
            await Task.Yield();
        if (!services.Gate.TryEnter(context.Plan.Snapshot.Gateway.MaxRequests))
        {
            await Page.WriteAsync(context, StatusCodes.Status503ServiceUnavailable);
            return;
        }
        try
        {
            await handler.HandleAsync(context);
        }
        catch (BadHttpRequestException refused) when (!context.Response.HasStarted)
        {
            await Page.WriteAsync(context, refused.StatusCode);
        }
        catch (Exception failure)
        {
            await FailAsync(context, failure);
        }
        finally
        {
            services.Gate.Leave();
        }
    }

    public void DisposeContext(Exchange context, Exception? exception)
    {
        if (context.Plan.Snapshot.Gateway.AccessLog != "off")
            services.Requests.TryWrite(RecordOf(context));
        context.Connection!.DiscountRequest();
        context.End();
    }

    private async Task FailAsync(Exchange context, Exception failure)
    {
        // What fails because the client has gone, or sends what is no HTTP, is no fault of ours.
        bool isClients = context.Aborted.IsCancellationRequested || failure is BadHttpRequestException or ConnectionAbortedException or ConnectionResetException;
        if (!isClients)
            Log.RequestFault(services.Log, failure, context.Client.Client.ToString(), context.Route);
        if (context.Response.HasStarted || isClients)
            context.Abort();
        else
            await Page.WriteAsync(context, StatusCodes.Status500InternalServerError);
    }

    private static RequestRecord RecordOf(Exchange context) => new()
    {
        EndedUtcTicks = TimeProvider.System.GetUtcNow().Ticks,
        Listener = context.Listener.Name,
        Client = context.Client.Client,
        Name = context.Client.ServerName,
        Route = context.Route,
        Backend = context.Backend,
        BackendPath = context.BackendPath,
        Method = context.Request.Method,
        Host = context.Request.Headers.Host.ToString(),
        Path = context.Request.RawTarget,
        Status = context.Response.HasStarted ? context.Response.StatusCode : 0,
        UpBytes = context.UpBytes,
        DownBytes = context.DownBytes,
        DurationMicros = Clock.Micros - context.StartedMicros,
        Agent = context.Request.Headers.UserAgent.ToString(),
    };
}
