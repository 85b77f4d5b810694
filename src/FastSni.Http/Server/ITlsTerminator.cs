using System.Net.Security;
using FastSni.Handoff;

namespace FastSni.Http;

/// <summary>Ends TLS on a handed-off connection.</summary>
public interface ITlsTerminator
{
    /// <summary>Does the handshake, within its own timeout. What the client is shown and asked for follows the server name that our parser read.</summary>
    /// <param name="transport">The socket's bytes; closed by the caller.</param>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The client was refused, or spoke no TLS that we do.</exception>
    /// <exception cref="IOException">The connection failed.</exception>
    /// <exception cref="OperationCanceledException">The timeout passed, or <paramref name="cancelled"/>.</exception>
    Task<SslStream> AuthenticateAsync(Stream transport, HandedOffClient client, CancellationToken cancelled);
}
