using System.Net.Security;
using System.Security.Authentication;
using FastSni.Backends;
using FastSni.Linux;
using FastSni.Wire;

namespace FastSni.Http;

/// <summary>What a request brings along for the connection that may be opened for it.</summary>
internal sealed record ConnectTerms(long AskedMicros, TimeSpan Timeout, H2Patience Patience);

/// <summary>No connection to a server came about. Of the request nothing was sent.</summary>
internal sealed class UnreachableServerException(string reason, bool timedOut, bool isServersFault) : Exception(reason)
{
    internal bool TimedOut => timedOut;

    /// <summary>See <see cref="ConnectReport.Failed"/>.</summary>
    internal bool IsServersFault => isServersFault;
}

/// <summary>Opens connections to exactly one server: one of its addresses after another, TLS included.</summary>
/// <param name="tls">null = in the clear.</param>
internal sealed class H2Connector(Server server, UpstreamTls? tls, SocketLoops loops)
{
    internal static readonly HttpRequestOptionsKey<ConnectTerms> Terms = new("terms");

    private volatile Failure? _lastFailure;

    /// <exception cref="UnreachableServerException">No address took us.</exception>
    internal async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancelled)
    {
        context.InitialRequestMessage.Options.TryGetValue(Terms, out ConnectTerms? terms);
        // Requests that wait for a connection are served one by one. Those that waited while one failed have their answer.
        if (_lastFailure is { } last && last.Micros >= terms!.AskedMicros)
            throw last.ToException();
        var failure = new Failure(0, "no address", false, true);
        foreach (IpEndpoint address in server.Addresses)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
            patience.CancelAfter(terms!.Timeout);
            terms.Patience.Connecting(terms.Timeout);
            try
            {
                return await ConnectAsync(address.WithPort((ushort)context.DnsEndPoint.Port), context.DnsEndPoint.Host, patience.Token);
            }
            catch (LinuxException fault) when (Dial.IsRefusal(fault))
            {
                failure = new Failure(Clock.Micros, fault.Error.ToString(), fault.Error == Errno.TimedOut, !ConnectReport.IsOurFault(fault.Error));
            }
            catch (Exception fault) when (fault is IOException or AuthenticationException)
            {
                failure = new Failure(Clock.Micros, fault.InnerException?.Message ?? fault.Message, false, false);
            }
            catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
            {
                failure = new Failure(Clock.Micros, nameof(Errno.TimedOut), true, true);
            }
        }
        _lastFailure = failure;
        throw failure.ToException();
    }

    private async Task<Stream> ConnectAsync(IpEndpoint address, string name, CancellationToken cancelled)
    {
        LoopSocket socket = await Dial.ConnectAsync(loops.Next(), address, unixPath: null, cancelled);
        Stream stream = new LoopStream(socket, ownsSocket: true);
        try
        {
            socket.KeepAlive();
            return tls is null ? stream : await SecureAsync(tls, stream, name, cancelled);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    // Here and not in the handler: that one would take the request's host for the name, whatever the operator says.
    private static async Task<Stream> SecureAsync(UpstreamTls tls, Stream stream, string name, CancellationToken cancelled)
    {
        var secured = new SslStream(stream);
        await secured.AuthenticateAsClientAsync(tls.OptionsFor(name, SslApplicationProtocol.Http2), cancelled);
        return secured.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2 ? secured : throw new AuthenticationException("it does not speak HTTP/2");
    }

    private sealed record Failure(long Micros, string Reason, bool TimedOut, bool IsServersFault)
    {
        internal UnreachableServerException ToException() => new(Reason, TimedOut, IsServersFault);
    }
}
