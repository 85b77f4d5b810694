using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using FastSni.Backends;
using FastSni.Wire;

namespace FastSni.Http;

/// <summary>Opens connections to a server: one address after another, TLS included, each within connect-timeout.</summary>
internal static class Connector
{
    /// <summary>A connection that stands, or how it failed: <see cref="Outcome.TimedOut"/> or <see cref="Outcome.NotSent"/>. The server is marked by it.</summary>
    internal static async ValueTask<(UpstreamConnection? Connection, Outcome Failure)> ConnectAsync(UpstreamPool pool, Exchange exchange, HttpRoute route)
    {
        Server server = pool.Server;
        (Outcome failure, string reason, bool isServersFault) = (Outcome.NotSent, "no address", false);
        foreach (IpEndpoint known in server.IsUnix ? [default] : server.Addresses)
        {
            IpEndpoint address = server.IsUnix || server.Config.Port is not null ? known : known.WithPort(exchange.Client.Local.Port);
            (exchange.Backend, exchange.BackendPath) = (address, server.IsUnix ? server.Config.Text : null);
            try
            {
                UpstreamConnection connection = await ConnectAsync(pool, address, exchange);
                pool.Report.Succeeded(route);
                return (connection, Outcome.None);
            }
            catch (SocketException fault)
            {
                (failure, reason, isServersFault) = (Outcome.NotSent, fault.SocketErrorCode.ToString(), !ConnectReport.IsOurFault(fault.SocketErrorCode));
            }
            catch (Exception fault) when (fault is IOException or AuthenticationException)
            {
                (failure, reason, isServersFault) = (Outcome.NotSent, fault.InnerException?.Message ?? fault.Message, false);
            }
            catch (OperationCanceledException)
            {
                (failure, reason, isServersFault) = (Outcome.TimedOut, nameof(SocketError.TimedOut), true);
            }
        }
        // Once for all addresses: a host that refuses at one and answers at the next is up.
        pool.Report.Failed(route, reason, isServersFault);
        return (null, failure);
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
            else
                socket.Blocking = false;
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
}
