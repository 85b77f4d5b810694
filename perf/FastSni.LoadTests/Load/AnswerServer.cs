using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FastSni.LoadTests.Staging;

namespace FastSni.LoadTests.Load;

/// <summary>Answers every HTTP/1.1 request without a body with the same bytes. With a certificate it speaks TLS.</summary>
internal sealed class AnswerServer(int bodyBytes, X509Certificate2? certificate) : LoopbackServer
{
    private const int HeadBytesMax = 16_384;

    private readonly byte[] _answer =
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {bodyBytes}\r\n\r\n"), .. new byte[bodyBytes]];

    // One for all connections: making it costs more than a handshake.
    private readonly SslServerAuthenticationOptions? _tls =
        certificate is null ? null : new() { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true) };

    protected override async Task ServeAsync(Socket client)
    {
        await using NetworkStream plain = new(client);
        if (_tls is null)
        {
            await AnswerAsync(plain);
            return;
        }
        await using SslStream stream = new(plain);
        try
        {
            await stream.AuthenticateAsServerAsync(_tls);
        }
        catch (AuthenticationException)
        {
            // The client tells.
            return;
        }
        await AnswerAsync(stream);
    }

    private async Task AnswerAsync(Stream stream)
    {
        byte[] buffer = new byte[HeadBytesMax];
        int held = 0;
        // The length of the answer is known, so the client ends a connection that is not kept; who closes first also keeps the port in TIME_WAIT.
        while (held < buffer.Length && await stream.ReadAsync(buffer.AsMemory(held)) is > 0 and int count)
        {
            held += count;
            if (!buffer.AsSpan(0, held).EndsWith("\r\n\r\n"u8))
                continue;
            held = 0;
            await stream.WriteAsync(_answer);
        }
    }
}
