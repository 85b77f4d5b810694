using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace FastSni.Demo;

/// <summary>A tiny HTTP/1.1 server that reads the PROXY header, speaks TLS if it has a certificate, and says who it is and whom it saw.</summary>
internal sealed class DemoBackend : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _name;
    private readonly X509Certificate2? _certificate;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    private DemoBackend(string name, X509Certificate2? certificate)
    {
        (_name, _certificate) = (name, certificate);
        _listener.Start();
        _ = ServeAsync();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>With a throw-away certificate for the host and everything below it.</summary>
    internal static DemoBackend StartTls(string name, string host) => new(name, CreateCertificate(host));

    internal static DemoBackend StartHttp(string name) => new(name, null);

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
                string seen = await DemoProxyHeader.ReadAsync(network, patience.Token);
                await using Stream stream = _certificate is null ? network : await SecureAsync(network, patience.Token);
                using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
                string? requestLine = await reader.ReadLineAsync(patience.Token);
                while (await reader.ReadLineAsync(patience.Token) is { Length: > 0 })
                {
                }
                string body = $"backend {_name} saw {seen} and got: {requestLine}\n";
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

    private async Task<Stream> SecureAsync(NetworkStream network, CancellationToken stop)
    {
        SslStream secure = new(network);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, stop);
        return secure;
    }

    private static X509Certificate2 CreateCertificate(string host)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={host}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(host);
        names.AddDnsName("*." + host);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddDays(7));
    }
}
