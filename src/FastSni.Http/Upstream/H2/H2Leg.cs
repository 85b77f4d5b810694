using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>Requests that go to a backend by HTTP/2.</summary>
internal sealed class H2Leg(ILogger log)
{
    internal Task ForwardAsync(Exchange exchange, HttpRoute route) =>
        log.IsEnabled(LogLevel.None) ? Task.CompletedTask : UpstreamPage.WriteAsync(exchange, route, 502);
}
