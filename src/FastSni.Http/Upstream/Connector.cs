using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using FastSni.Backends;
using FastSni.Wire;
using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>Opens connections to a server: one address after another, TLS included, each within connect-timeout.</summary>
internal sealed class Connector(ILogger log)
{
    /// <summary>A connection that stands, or how it failed: <see cref="Outcome.TimedOut"/> or <see cref="Outcome.NotSent"/>. The server is marked by it.</summary>
    internal async ValueTask<(UpstreamConnection? Connection, Outcome Failure)> ConnectAsync(UpstreamPool pool, Exchange exchange, HttpRoute route)
    {
        Server server = pool.Server;
        IpEndpoint[] addresses = server.IsUnix ? [default] : server.Addresses;
        Outcome failure = Outcome.NotSent;
        for (int i = 0; i < addresses.Length; i++)
        {
            IpEndpoint address = server.IsUnix || server.Config.Port is not null ? addresses[i] : addresses[i].WithPort(exchange.Client.Local.Port);
            (exchange.Backend, exchange.BackendPath) = (address, server.IsUnix ? server.Config.Host : null);
            string reason;
            try
            {
                UpstreamConnection connection = await ConnectAsync(pool, address, exchange);
                MarkUp(server, route);
                return (connection, Outcome.Delivered);
            }
            catch (SocketException fault) when (IsOurFault(fault.SocketErrorCode))
            {
                UpstreamLog.ConnectFault(log, server.Config.Text, fault.SocketErrorCode);
                continue;
            }
            catch (SocketException fault)
            {
                (failure, reason) = (Outcome.NotSent, fault.SocketErrorCode.ToString());
            }
            catch (Exception fault) when (fault is IOException or AuthenticationException)
            {
                (failure, reason) = (Outcome.NotSent, fault.InnerException?.Message ?? fault.Message);
            }
            catch (OperationCanceledException)
            {
                (failure, reason) = (Outcome.TimedOut, nameof(SocketError.TimedOut));
            }
            // A host that refuses at one address and answers at the next is up.
            if (i == addresses.Length - 1 && server.RecordFailure(Clock.Micros))
                Backends.Log.ServerDown(log, server.Config.Text, route.Label, reason);
        }
        return (null, failure);
    }

    /// <summary>It has answered.</summary>
    internal void MarkUp(Server server, HttpRoute route)
    {
        if (server.RecordSuccess())
            Backends.Log.ServerUp(log, server.Config.Text, route.Label);
    }

    private static async ValueTask<UpstreamConnection> ConnectAsync(UpstreamPool pool, IpEndpoint address, Exchange exchange)
    {
        using CancellationTokenSource patience = new(exchange.Plan.Snapshot.Gateway.ConnectTimeout);
        bool isUnix = pool.Server.IsUnix;
        EndPoint endpoint = isUnix ? new UnixDomainSocketEndPoint(pool.Server.Config.Host) : new IPEndPoint(address.ToIPAddress(), address.Port);
        Socket socket = new(endpoint.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        SslStream? tls = null;
        try
        {
            if (!isUnix)
                socket.NoDelay = true;
            await socket.ConnectAsync(endpoint, patience.Token);
            string? name = pool.TlsName(exchange);
            if (name is not null)
            {
                tls = new SslStream(new NetworkStream(socket));
                await tls.AuthenticateAsClientAsync(pool.TlsOptions(name), patience.Token);
            }
            UpstreamConnection connection = new(socket, tls, pool) { Address = address, TlsName = name };
            pool.Watch(connection);
            return connection;
        }
        catch
        {
            tls?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    // No descriptor, no memory, no port left towards this server: the server is not to blame.
    private static bool IsOurFault(SocketError error) => error is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable
        or SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse;
}
