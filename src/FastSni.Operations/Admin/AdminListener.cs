using System.Net;
using System.Net.Sockets;
using FastSni.Config;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FastSni.Operations;

/// <summary>One address of the admin server.</summary>
internal sealed class AdminListener
{
    internal const int BodyBytesMax = 8 * 1024;
    private const int HeadersMax = 50, HeaderBytesMax = 8 * 1024, RequestLineBytesMax = 2 * 1024;

    private static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(10), StopTimeout = TimeSpan.FromSeconds(2);

    private readonly KestrelServer _kestrel;

    private AdminListener(KestrelServer kestrel) => _kestrel = kestrel;

    /// <exception cref="SocketException">The system refuses the address.</exception>
    internal static async Task<AdminListener> OpenAsync(ListenEndpoint endpoint, AdminDoor door, AdminApplication application, ILoggerFactory logs)
    {
        IPEndPoint address = new(endpoint.Address, endpoint.Port);
        // Bound by us, because Kestrel's own socket for [::] takes IPv4 too, and 0.0.0.0 beside it would fail.
        Socket socket = Bind(address);
        SocketTransportOptions transport = new() { CreateBoundListenSocket = _ => socket };
        KestrelServerOptions options = new() { AddServerHeader = false };
        Limit(options.Limits);
        options.Listen(address, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection => door.RunAsync(connection, next));
        });
        KestrelServer kestrel = new(Options.Create(options), new SocketTransportFactory(Options.Create(transport), logs), logs);
        try
        {
            await kestrel.StartAsync(application, CancellationToken.None);
            return new AdminListener(kestrel);
        }
        catch (Exception failure)
        {
            kestrel.Dispose();
            socket.Dispose();
            // Somebody else has bound the address too, and listened first.
            if (failure is IOException { InnerException: { } inner } && (inner as SocketException ?? inner.InnerException as SocketException) is { } refused)
                throw new SocketException((int)refused.SocketErrorCode);
            throw;
        }
    }

    internal async Task CloseAsync()
    {
        using CancellationTokenSource hurry = new(StopTimeout);
        await _kestrel.StopAsync(hurry.Token);
        _kestrel.Dispose();
    }

    private static Socket Bind(IPEndPoint address)
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            socket.Bind(address);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = BodyBytesMax;
        limits.MaxRequestHeaderCount = HeadersMax;
        limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
        limits.MaxRequestLineSize = RequestLineBytesMax;
        limits.RequestHeadersTimeout = HeaderTimeout;
        limits.KeepAliveTimeout = HeaderTimeout;
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
    }
}
