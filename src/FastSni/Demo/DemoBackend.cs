using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace FastSni.Demo;

/// <summary>A tiny HTTP/1.1 server that says who it is, and whom the gateway's PROXY header or forwarding headers name as the client.</summary>
internal sealed class DemoBackend : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _name;
    private readonly bool _expectsProxyHeader;
    private readonly X509Certificate2? _certificate;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    private DemoBackend(string name, bool expectsProxyHeader, X509Certificate2? certificate = null)
    {
        (_name, _expectsProxyHeader, _certificate) = (name, expectsProxyHeader, certificate);
        _listener.Start();
        _ = ServeAsync();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>HTTPS behind a PROXY header, with a certificate of its own.</summary>
    internal static DemoBackend StartTls(string name, string host) => new(name, expectsProxyHeader: true, DemoCertificate.Create(host));

    /// <summary>HTTP behind a PROXY header.</summary>
    internal static DemoBackend StartPlain(string name) => new(name, expectsProxyHeader: true);

    /// <summary>HTTP alone.</summary>
    internal static DemoBackend StartHttp(string name) => new(name, expectsProxyHeader: false);

    public void Dispose()
    {
        _listener.Dispose();
        _certificate?.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The demo is over.
        }
    }

    private async Task AnswerAsync(TcpClient connection)
    {
        using CancellationTokenSource patience = new(Patience);
        try
        {
            using (connection)
            {
                NetworkStream network = connection.GetStream();
                string seen = _expectsProxyHeader ? $"saw {await DemoProxyHeader.ReadAsync(network, patience.Token)} and " : "";
                await using Stream stream = _certificate is null ? network : await SecureAsync(network, patience.Token);
                using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
                string? requestLine = await reader.ReadLineAsync(patience.Token);
                StringBuilder body = new($"backend {_name} {seen}got: {requestLine}\n");
                while (await reader.ReadLineAsync(patience.Token) is { Length: > 0 } header)
                {
                    if (TellsOfClient(header))
                        body.Append(CultureInfo.InvariantCulture, $"  {header}\n");
                }
                string answer = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), patience.Token);
                if (stream is SslStream secure)
                    await secure.ShutdownAsync();
            }
        }
        catch (Exception failure) when (failure is IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException or ObjectDisposedException)
        {
            // A client that goes away in the middle is part of the show.
        }
    }

    private static bool TellsOfClient(string header) =>
        header.StartsWith("X-", StringComparison.OrdinalIgnoreCase) || header.StartsWith("Forwarded:", StringComparison.OrdinalIgnoreCase);

    private async Task<Stream> SecureAsync(NetworkStream network, CancellationToken stop)
    {
        SslStream secure = new(network);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, stop);
        return secure;
    }
}
