using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using FastSni.Backends;
using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Http;

/// <summary>What a request brings along for the connection that may be opened for it.</summary>
internal sealed record ConnectTerms(long AskedMicros, TimeSpan Timeout, H2Patience Patience);

/// <summary>No connection to a server came about. Of the request nothing was sent.</summary>
internal sealed class UnreachableServerException(string reason, bool timedOut, bool isServersFault) : Exception(reason)
{
    internal bool TimedOut => timedOut;

    /// <summary>
    /// False where this side is to blame (no descriptor, no port), and where it was TLS: what name we ask for and whether we insist on HTTP/2 may be up to
    /// the client, and no client may mark a server down for others.
    /// </summary>
    internal bool IsServersFault => isServersFault;
}

/// <summary>Opens connections to exactly one server: one of its addresses after another, TLS included.</summary>
internal sealed class H2Connector
{
    internal static readonly HttpRequestOptionsKey<ConnectTerms> Terms = new("terms");

    private readonly Server _server;
    private readonly bool _isHttps;
    private readonly bool _isVerified;
    private readonly X509ChainPolicy? _policy;
    private volatile Failure? _lastFailure;

    /// <param name="verification">Of an https backend; null = no TLS.</param>
    internal H2Connector(Server server, BackendVerification? verification)
    {
        (_server, _isHttps, _isVerified) = (server, verification is not null, verification is { IsOn: true });
        if (!_isVerified)
            return;
        // A handshake must not make us fetch what the peer's certificate points to.
        _policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (verification!.CaFile is not { } file)
            return;
        _policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        _policy.CustomTrustStore.ImportFromPemFile(file);
    }

    /// <exception cref="UnreachableServerException">No address took us.</exception>
    internal async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancelled)
    {
        context.InitialRequestMessage.Options.TryGetValue(Terms, out ConnectTerms? terms);
        // Requests that wait for a connection are served one by one. Those that waited while one failed have their answer.
        if (_lastFailure is { } last && last.Micros >= terms!.AskedMicros)
            throw last.ToException();
        var failure = new Failure(0, "no address", false, true);
        foreach (IpEndpoint address in _server.IsUnix ? [default] : _server.Addresses)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
            patience.CancelAfter(terms!.Timeout);
            terms.Patience.Connecting(terms.Timeout);
            try
            {
                EndPoint endpoint = _server.IsUnix ? new UnixDomainSocketEndPoint(_server.Config.Host) : new IPEndPoint(address.ToIPAddress(), context.DnsEndPoint.Port);
                return await ConnectAsync(endpoint, context.DnsEndPoint.Host, patience.Token);
            }
            catch (SocketException fault)
            {
                failure = new Failure(Clock.Micros, fault.SocketErrorCode.ToString(), fault.SocketErrorCode == SocketError.TimedOut, !IsOurFault(fault.SocketErrorCode));
            }
            catch (Exception fault) when (fault is IOException or AuthenticationException)
            {
                failure = new Failure(Clock.Micros, fault.InnerException?.Message ?? fault.Message, false, false);
            }
            catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
            {
                failure = new Failure(Clock.Micros, nameof(SocketError.TimedOut), true, true);
            }
        }
        _lastFailure = failure;
        throw failure.ToException();
    }

    private async Task<Stream> ConnectAsync(EndPoint endpoint, string name, CancellationToken cancelled)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, _server.IsUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        Stream stream = Stream.Null;
        try
        {
            if (!_server.IsUnix)
            {
                socket.NoDelay = true;
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            }
            await socket.ConnectAsync(endpoint, cancelled);
            stream = new NetworkStream(socket, ownsSocket: true);
            return _isHttps ? await SecureAsync(stream, name, cancelled) : stream;
        }
        catch
        {
            await stream.DisposeAsync();
            socket.Dispose();
            throw;
        }
    }

    // Here and not in the handler: that one would take the request's host for the name, whatever the operator says.
    private async Task<Stream> SecureAsync(Stream stream, string name, CancellationToken cancelled)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            CertificateChainPolicy = _policy?.Clone(),
            RemoteCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.None || !_isVerified,
        }, cancelled);
        return tls.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2 ? tls : throw new AuthenticationException("it does not speak HTTP/2");
    }

    // No descriptor, no memory, no port left towards this server: the server is not to blame.
    private static bool IsOurFault(SocketError error) => error is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable
        or SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse;

    private sealed record Failure(long Micros, string Reason, bool TimedOut, bool IsServersFault)
    {
        internal UnreachableServerException ToException() => new(Reason, TimedOut, IsServersFault);
    }
}
