using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Backends;

/// <summary>One check of one target, with sockets of its own and off the loops.</summary>
internal static class HealthProbe
{
    /// <summary>What an answer may be long, and what is read to let a connection end in order.</summary>
    internal const int ReadBytesMax = 64 * 1024;

    private static readonly TimeSpan LingerMax = TimeSpan.FromSeconds(1);

    /// <summary>Tries the server's addresses one after another until one is well; each gets an equal share of the time.</summary>
    /// <returns>null = well; else what was wrong with the last address, fit for the log.</returns>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    internal static async Task<string?> RunAsync(HealthTarget target, TimeProvider time, CancellationToken stop)
    {
        EndPoint[] endpoints = EndpointsOf(target);
        string? reason = "no address";
        foreach (EndPoint endpoint in endpoints)
        {
            using CancellationTokenSource patience = new(target.Timeout / endpoints.Length, time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
            try
            {
                reason = await TryAsync(target, endpoint, time, either.Token).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                // Whatever a hostile answer brings about in sockets, TLS or HTTP is a failed check, and must not end the loop.
                reason = patience.IsCancellationRequested ? "no answer in time" : HealthFailure.Describe(failure);
            }
            stop.ThrowIfCancellationRequested();
            if (reason is null)
                return null;
        }
        return reason;
    }

    private static EndPoint[] EndpointsOf(HealthTarget target)
    {
        if (target.Server.IsUnix)
            return [new UnixDomainSocketEndPoint(target.Server.Config.Host)];
        IpEndpoint source = target.Source is null ? default : IpEndpoint.Create(target.Source, 0);
        return [.. target.Server.AddressesFrom(source).Select(address => new IPEndPoint(address.ToIPAddress(), target.Port))];
    }

    private static async Task<string?> TryAsync(HealthTarget target, EndPoint endpoint, TimeProvider time, CancellationToken stop)
    {
        using Socket socket = new(endpoint.AddressFamily, SocketType.Stream, endpoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        // A read that HTTP waits in ends with its socket alone.
        await using CancellationTokenRegistration close = stop.Register(socket.Dispose);
        if (target.Source is not null && endpoint is IPEndPoint)
            socket.Bind(new IPEndPoint(target.Source, 0));
        await socket.ConnectAsync(endpoint, stop).ConfigureAwait(false);
        // In one send, since a header in two pieces is none to HAProxy and nginx; a fresh socket takes it whole.
        if (target.ProxyProtocol != ProxyProtocol.Off)
            await socket.SendAsync(ProxyHeaderFor(target.ProxyProtocol), stop).ConfigureAwait(false);
        string? reason = await TalkAsync(target, socket, stop).ConfigureAwait(false);
        await EndAsync(socket, time, stop).ConfigureAwait(false);
        return reason;
    }

    private static ReadOnlyMemory<byte> ProxyHeaderFor(ProxyProtocol version)
    {
        byte[] buffer = new byte[ProxyHeader.V1BytesMax];
        return buffer.AsMemory(0, version == ProxyProtocol.V1 ? ProxyHeader.WriteV1(buffer, default, default) : ProxyHeader.WriteV2Local(buffer));
    }

    private static async Task<string?> TalkAsync(HealthTarget target, Socket socket, CancellationToken stop)
    {
        if (target.Check.Kind == HealthCheckKind.Tcp)
            return null;
        await using NetworkStream plain = new(socket, ownsSocket: false);
        if (target.Check.Kind == HealthCheckKind.Http && target.Scheme != HttpScheme.Https)
            return await HttpProbe.AskAsync(target, plain, stop).ConfigureAwait(false);
        await using SslStream tls = new(plain);
        await tls.AuthenticateAsClientAsync(HealthTls.OptionsFor(target), stop).ConfigureAwait(false);
        string? reason = target.Check.Kind == HealthCheckKind.Http ? await HttpProbe.AskAsync(target, tls, stop).ConfigureAwait(false) : null;
        if (target.Check.Kind == HealthCheckKind.Tls)
            await tls.ShutdownAsync().ConfigureAwait(false);
        return reason;
    }

    // A close with unread bytes (a banner, a session ticket) would be a reset, which servers log as an error: so the rest is read, for a moment.
    private static async Task EndAsync(Socket socket, TimeProvider time, CancellationToken stop)
    {
        using CancellationTokenSource patience = new(LingerMax, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        byte[] rest = new byte[4096];
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            for (int bytes = 0, read = 1; read > 0 && bytes < ReadBytesMax; bytes += read)
                read = await socket.ReceiveAsync(rest, either.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The answer is known already.
        }
    }
}
