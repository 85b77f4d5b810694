using System.Globalization;
using FastSni.Config;
using FastSni.Http;

namespace FastSni.Http80;

/// <summary>Sends a request to https: the same host, path and query, on the port where the section is served.</summary>
internal static class RedirectEndpoint
{
    private const int HttpsPort = 443;

    internal static Task AnswerAsync(Exchange exchange, RouteSection section, RequestTarget target)
    {
        // The host always stands before it, yet what a careless client takes for a reference of its own must not name another host.
        if (target.Text.StartsWith("//", StringComparison.Ordinal))
            return Page.WriteAsync(exchange, 400);
        int port = PortOf(exchange.Plan.Snapshot, section, exchange.Host);
        string authority = port == HttpsPort ? exchange.Host : exchange.Host + ":" + port.ToString(CultureInfo.InvariantCulture);
        exchange.Route = "redirect";
        // 301 lets clients turn a POST into a GET; 308 does not, but old ones don't know it (RFC 9110 15.4).
        int status = exchange.Request.Method is "GET" or "HEAD" ? 301 : 308;
        Page.Redirect(exchange, status, "https://" + authority + (target.Text == "*" ? "/" : target.Text));
        return Task.CompletedTask;
    }

    /// <summary>Of the tls listeners that lead the host to the section one with port 443, else the first one's first port. 443 where there is none.</summary>
    private static int PortOf(Snapshot snapshot, RouteSection section, string host)
    {
        int port = 0;
        foreach (Listener listener in snapshot.Listeners)
        {
            if (listener.Mode != ListenMode.Tls || !LeadsTo(section, listener, host))
                continue;
            if (listener.Endpoints.Any(endpoint => endpoint.Port == HttpsPort))
                return HttpsPort;
            if (port == 0)
                port = listener.Endpoints[0].Port;
        }
        return port == 0 ? HttpsPort : port;
    }

    private static bool LeadsTo(RouteSection section, Listener listener, string host) => HttpPlan.FindAll(listener, host) is { IsEmpty: false } places
        ? places.Contains(section.Index)
        : ReferenceEquals(listener.UnknownName.Section, section);
}
