using System.Text;
using FastSni.Config;
using FastSni.Handoff;
using FastSni.Linux;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace FastSni.Http;

/// <summary>
/// One Kestrel without a port: it parses and writes HTTP for the clients it is given. Sections with other <see cref="HttpLimits"/> have a server of their
/// own, since Kestrel limits by server.
/// </summary>
public sealed class HttpServer : IDisposable
{
    private const int HeadersMax = 100, RequestLineBytesMax = 16 * 1024;

    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(75), HeadersTimeout = TimeSpan.FromSeconds(15), RateGrace = TimeSpan.FromSeconds(5);

    private static readonly DigitsEncoding ContentLength = new();

    private readonly KestrelAnchor _anchor = new();
    private readonly KestrelServer _kestrel;
    private readonly RequestApplication _application;
    private readonly ConnectionDoor _door;
    private readonly OpenConnections _connections = new();
    private readonly HttpServices _services;

    /// <param name="tls">Ends TLS; null = requests come in the clear.</param>
    public HttpServer(HttpLimits limits, HttpServices services, IRequestHandler handler, ITlsTerminator? tls)
    {
        (_services, _application, _door) = (services, new RequestApplication(services, handler), new ConnectionDoor(_anchor, tls, services));
        KestrelServerOptions options = new() { AddServerHeader = false };
        // Latin-1 both ways: every byte of a header goes through as it came.
        options.RequestHeaderEncodingSelector = static name => name == HeaderNames.ContentLength ? ContentLength : Encoding.Latin1;
        options.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        Limit(options.Limits, limits);
        options.Listen(((IConnectionListener)_anchor).EndPoint, listen =>
        {
            listen.Protocols = tls is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            listen.Use(_anchor.Keep);
        });
        _kestrel = new KestrelServer(Options.Create(options), _anchor, new KestrelLog(services.KestrelLogs, services.Requests, services.Gate));
    }

    public async Task StartAsync()
    {
        _services.Loops.Start();
        await _kestrel.StartAsync(_application, CancellationToken.None);
        await _anchor.HoldAsync();
    }

    /// <summary>Takes a client over, or closes it. Never waits: all that is done for the client is done on its loop.</summary>
    public void Take(HandedOffClient client)
    {
        if (_connections.Stopping.IsCancellationRequested)
        {
            Discard(client);
            return;
        }
        LoopSocket socket = new(_services.Loops.Next(), new Fd(client.Descriptor));
        HandoffConnection connection = new(client, socket, _anchor.Features, _connections);
        _ = RunAsync(connection);
        try
        {
            socket.Watch();
        }
        catch (LinuxException fault)
        {
            if (!connection.IsAborted)
                Log.ConnectionFault(_services.Log, fault, client.Client.ToString());
            connection.Abort();
        }
    }

    /// <summary>Closes a client that no server takes.</summary>
    public static void Discard(HandedOffClient client)
    {
        new Fd(client.Descriptor).Close();
        client.Lease.Return();
    }

    /// <summary>Lets requests in flight finish and closes every connection behind its last one (HTTP/2: GOAWAY).</summary>
    /// <param name="hurry">Cuts what is left.</param>
    public async Task StopAsync(CancellationToken hurry)
    {
        await _connections.DrainAsync(hurry);
        await _kestrel.StopAsync(hurry);
    }

    public void Dispose()
    {
        _kestrel.Dispose();
        _connections.Dispose();
    }

    // Whatever becomes of one client, the others go on.
    private async Task RunAsync(HandoffConnection connection)
    {
        try
        {
            await connection.ReachLoopAsync();
            await _door.RunAsync(connection);
        }
        catch (Exception fault)
        {
            if (!connection.IsAborted)
                Log.ConnectionFault(_services.Log, fault, connection.Client.Client.ToString());
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }

    // Kestrel's defaults leave some of these open.
    private static void Limit(KestrelServerLimits kestrel, HttpLimits limits)
    {
        kestrel.MaxRequestHeadersTotalSize = limits.HeaderBytesMax;
        kestrel.MaxRequestHeaderCount = HeadersMax;
        kestrel.MaxRequestLineSize = Math.Min(RequestLineBytesMax, limits.HeaderBytesMax);
        kestrel.MaxRequestBodySize = null;      // The route's own limit is set for each request.
        kestrel.KeepAliveTimeout = KeepAliveTimeout;
        kestrel.RequestHeadersTimeout = HeadersTimeout;
        kestrel.MinRequestBodyDataRate = RateOf(limits.BodyBytesPerSecondMin);
        kestrel.MinResponseDataRate = RateOf(HttpLimits.Default.BodyBytesPerSecondMin);
        kestrel.Http2.MaxStreamsPerConnection = limits.StreamsMax;
        kestrel.Http2.MaxRequestHeaderFieldSize = limits.HeaderBytesMax;
    }

    private static MinDataRate? RateOf(int bytesPerSecond) => bytesPerSecond == 0 ? null : new MinDataRate(bytesPerSecond, RateGrace);
}
