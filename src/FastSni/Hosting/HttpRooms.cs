using FastSni.Config;
using FastSni.Handoff;
using FastSni.Http;
using FastSni.Http80;
using FastSni.Linux;
using FastSni.Offload;
using FastSni.Operations;
using Microsoft.Extensions.Logging;

namespace FastSni.Hosting;

/// <summary>The rooms behind the side door: the offload room and port 80, with what they share.</summary>
internal sealed class HttpRooms : IHandoffRooms, IDisposable
{
    /// <summary>Records ahead of the log writer: 25 ms at 80,000 requests a second.</summary>
    private const int RequestRecords = 2048, FailureRecords = 256;

    /// <summary>Clients that may wait while a server starts, which takes milliseconds.</summary>
    private const int WaitingMax = 1024;

    private static readonly TimeSpan CertificateLook = TimeSpan.FromSeconds(5);

    private readonly HttpPlanHolder _plans;
    private readonly RequestGate _gate = new();
    private readonly CertificateStore _certificates;
    private readonly TlsTerminator _tls;
    private readonly SocketLoops _loops = new();
    private readonly Forwarder _forwarder;
    private readonly HttpServers _servers;
    private readonly ILogger _log;
    private volatile bool _isClosed;
    private int _waiting;       // Clients, for the start of a server.

    internal HttpRooms(HttpPlan first, AccessLogWriter accessLog, ProgramLog log)
    {
        (_plans, _log) = (new HttpPlanHolder(first), log.For("http"));
        _certificates = new CertificateStore(TimeProvider.System, CertificateLook, log.For("offload"));
        _tls = new TlsTerminator(_certificates, () => _plans.Current.Snapshot.Gateway.HandshakeTimeout, log.For("offload"));
        _forwarder = new Forwarder(_log, _loops);
        HttpServices services = new(
            _plans, _gate, accessLog.AddRequestRing(RequestRecords), accessLog.AddSharedRing(FailureRecords), _log, log.Factory, _loops);
        _servers = new HttpServers((mode, limits) => mode == ListenMode.Http
            ? new HttpServer(limits, services, new PlainHandler(_forwarder), tls: null)
            : NewOffloadServer(limits, services));
    }

    internal IEnumerable<KeyValuePair<string, long>> Counters =>
    [
        new("handshakes", _tls.HandshakesDone),
        new("handshakes-failed", _tls.HandshakesFailed),
        new("handshakes-timed-out", _tls.HandshakesTimedOut),
        new("requests-beyond-limit", _gate.Refused),
        new("requests-malformed", _gate.Malformed),
    ];

    /// <summary>When the certificates in use end.</summary>
    internal IReadOnlyDictionary<TlsIdentity, DateTimeOffset> CertificateEnds() => _certificates.Ends();

    public bool IsClosed => _isClosed;

    public bool TryTake(HandedOffClient client)
    {
        if (_isClosed)
            return false;
        Task<HttpServer> server = _servers.FindAsync(client);
        if (server.IsCompletedSuccessfully)
        {
            Take(server.Result, client);
            return true;
        }
        if (Interlocked.Increment(ref _waiting) > WaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }
        _ = TakeAsync(server, client);
        return true;
    }

    /// <summary>Requests follow the plan from now on, those of connections that are open already too.</summary>
    internal void Apply(HttpPlan plan)
    {
        _certificates.Load(plan.Snapshot.Sections.OfType<OffloadSection>().Select(section => section.Tls), plan.Snapshot.DefaultSite.Tls);
        _plans.Current = plan;
        _servers.Keep(plan.Snapshot);
    }

    /// <summary>Takes no more clients, lets requests in flight finish, and closes the connections behind them.</summary>
    /// <param name="hurry">Cuts what is left.</param>
    internal async Task StopAsync(CancellationToken hurry)
    {
        _isClosed = true;
        await _servers.StopAsync(hurry);
    }

    public void Dispose()
    {
        _servers.Dispose();
        _forwarder.Dispose();
        _certificates.Dispose();
        _loops.Dispose();
    }

    private HttpServer NewOffloadServer(HttpLimits limits, HttpServices services)
    {
        // Here, because a gateway that only forwards loads no OpenSSL.
        _ = OpenSsl.TryReleaseIdleBuffers();
        return new HttpServer(limits, services, new SiteHandler(_forwarder), _tls);
    }

    // The first client of a server waits for its start.
    private async Task TakeAsync(Task<HttpServer> starting, HandedOffClient client)
    {
        try
        {
            Take(await starting, client);
        }
        catch (Exception fault)
        {
            // A server that can't be started is tried again for the next client.
            Log.HandoffFault(_log, fault, client.Client.ToString());
            HttpServer.Discard(client);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private void Take(HttpServer server, HandedOffClient client)
    {
        try
        {
            server.Take(client);
        }
        catch (Exception fault)
        {
            Log.HandoffFault(_log, fault, client.Client.ToString());
        }
    }
}
