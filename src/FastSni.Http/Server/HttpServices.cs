using FastSni.Telemetry;
using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>What all servers of the process share.</summary>
/// <param name="Log">The rooms' own messages.</param>
/// <param name="KestrelLogs">Kestrel's.</param>
public sealed record HttpServices(
    HttpPlanHolder Plans, RequestGate Gate, SharedRing<RequestRecord> Requests, SharedRing<SessionRecord> Sessions, ILogger Log, ILoggerFactory KestrelLogs,
    SocketLoops Loops);
