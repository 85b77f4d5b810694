using System.Collections.Immutable;
using FastSni.Config;
using FastSni.Http;

namespace FastSni.Http80;

/// <summary>The room of `mode = http`: forwards for passthrough names, answers ACME challenges for offloaded ones, and sends the rest to https.</summary>
public sealed class PlainHandler(IForwarder forwarder) : IRequestHandler
{
    public Task HandleAsync(Exchange exchange)
    {
        if (!RequestCheck.TryRead(exchange, out RequestTarget target, out int refusal))
            return Page.WriteAsync(exchange, refusal);
        // A listener that a reload has removed leads nowhere any more: a new connection finds what is there now.
        if (!exchange.Plan.Has(exchange.Listener))
            return RefuseAsync(exchange, 421);
        return SectionOf(exchange) switch
        {
            PassthroughSection section when exchange.Plan.RouteOf(section) is { } route => ForwardEndpoint.AnswerAsync(exchange, route, forwarder),
            OffloadSection when ChallengeEndpoint.Has(target) => ChallengeEndpoint.AnswerAsync(exchange, target),
            { } section => RedirectEndpoint.AnswerAsync(exchange, section, target),
            null => RefuseAsync(exchange, exchange.Plan.Snapshot.DefaultSite.Status),
        };
    }

    /// <summary>Whose host it is, by name or by the listener's action; null for nobody's. Sections that share a name are all offloaded: any of them will do.</summary>
    private static RouteSection? SectionOf(Exchange exchange)
    {
        ImmutableArray<int> places = HttpPlan.FindAll(exchange.Listener, exchange.Host);
        return places.IsEmpty ? exchange.Listener.UnknownName.Section : exchange.Plan.Snapshot.Sections[places[0]];
    }

    private static Task RefuseAsync(Exchange exchange, int status)
    {
        exchange.Route = "reject";
        return Page.WriteAsync(exchange, status);
    }
}
