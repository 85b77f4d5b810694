using System.Net.Security;
using System.Security.Authentication;
using FastSni.Handoff;
using FastSni.Http;
using Microsoft.Extensions.Logging;

namespace FastSni.Offload;

/// <summary>
/// Ends TLS with what the <see cref="CertificateStore"/> has for the client's section. The section was found by our own parser: SslStream reads a
/// server name from the first record alone, and a client that cuts its hello must not reach the default site's rules.
/// </summary>
/// <param name="handshakeTimeout">Asked for anew by every handshake, since a reload may change it.</param>
public sealed class TlsTerminator(CertificateStore certificates, Func<TimeSpan> handshakeTimeout, ILogger log) : ITlsTerminator
{
    private long _handshakesDone, _handshakesFailed, _handshakesTimedOut;

    public long HandshakesDone => Interlocked.Read(ref _handshakesDone);

    /// <summary>Clients that were refused, left, or spoke no TLS that we do.</summary>
    public long HandshakesFailed => Interlocked.Read(ref _handshakesFailed);

    public long HandshakesTimedOut => Interlocked.Read(ref _handshakesTimedOut);

    public async Task<SslStream> AuthenticateAsync(Stream transport, HandedOffClient client, CancellationToken cancelled)
    {
        var stream = new SslStream(transport, leaveInnerStreamOpen: true);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        timeout.CancelAfter(handshakeTimeout());
        try
        {
            SslServerAuthenticationOptions options = certificates.OptionsFor(client.Tls)
                ?? throw new AuthenticationException("there is no usable certificate for it");
            await stream.AuthenticateAsServerAsync(options, timeout.Token).ConfigureAwait(false);
            Interlocked.Increment(ref _handshakesDone);
            return stream;
        }
        catch (Exception failure)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            if (!cancelled.IsCancellationRequested)
                Count(failure, client);
            if (failure is AuthenticationException or IOException or OperationCanceledException)
                throw;
            // A few things that OpenSSL finds wrong come as other exceptions; to the caller it is all the same.
            throw new AuthenticationException(failure.Message, failure);
        }
    }

    private void Count(Exception failure, HandedOffClient client)
    {
        if (failure is OperationCanceledException)
        {
            Log.HandshakeTimedOut(log, client.Client.ToString());
            Interlocked.Increment(ref _handshakesTimedOut);
            return;
        }
        // OpenSSL's own words are the innermost.
        Log.HandshakeFailed(log, client.Client.ToString(), failure.GetBaseException().Message);
        Interlocked.Increment(ref _handshakesFailed);
    }
}
