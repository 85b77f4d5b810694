using FastSni.Http;

namespace FastSni.Offload;

/// <summary>The offload room: requests on connections whose TLS ended here go to the section that has their host, or get a plain page.</summary>
public sealed class SiteHandler(IForwarder forwarder) : IRequestHandler
{
    public Task HandleAsync(Exchange exchange)
    {
        if (!RequestCheck.TryRead(exchange, out RequestTarget target, out int refusal))
            return Page.WriteAsync(exchange, refusal);
        SiteChoice choice = SiteChoice.Make(exchange.Plan, exchange.Listener, exchange.Client, exchange.Host, target);
        if (choice.Section is not { } section)
        {
            exchange.Route = choice.Status == 400 ? "-" : "reject";
            return Page.WriteAsync(exchange, choice.Status);
        }
        exchange.Route = section.Label;
        return forwarder.ForwardAsync(exchange, exchange.Plan.RouteOf(section)!);
    }
}
