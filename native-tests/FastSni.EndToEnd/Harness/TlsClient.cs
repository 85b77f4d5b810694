using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace FastSni.EndToEnd.Harness;

/// <summary>How a TLS client comes.</summary>
/// <param name="ServerName">null sends none.</param>
internal sealed record TlsWish(string? ServerName)
{
    public string[] Alpn { get; init; } = ["http/1.1"];

    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Put between TLS and the socket.</summary>
    public Func<Stream, Stream> Wire { get; init; } = static stream => stream;
}

/// <summary>A client with its handshake done. It takes any certificate and keeps it: which one it was shown is for the test to judge.</summary>
internal sealed class TlsClient : IAsyncDisposable
{
    private readonly TestClient _client;
    private readonly HttpReader _reader;

    private TlsClient(TestClient client, SslStream tls) => (_client, Tls, _reader) = (client, tls, new HttpReader(tls));

    public SslStream Tls { get; }

    public IPEndPoint LocalEndPoint => _client.LocalEndPoint;

    public TestClient Socket => _client;

    public string Thumbprint => Tls.RemoteCertificate!.GetCertHashString();

    public static Task<TlsClient> ConnectAsync(IPEndPoint gateway, string? serverName) => ConnectAsync(gateway, new TlsWish(serverName));

    /// <exception cref="AuthenticationException">The handshake was refused; <see cref="IOException"/> where the connection was closed in it.</exception>
    public static async Task<TlsClient> ConnectAsync(IPEndPoint gateway, TlsWish wish, IPAddress? from = null)
    {
        TestClient client = await TestClient.ConnectAsync(gateway, from);
        SslStream tls = new(wish.Wire(new NetworkStream(client.Socket, ownsSocket: false)));
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                // No name is sent for an empty host.
                TargetHost = wish.ServerName ?? "",
                ApplicationProtocols = [.. wish.Alpn.Select(protocol => new SslApplicationProtocol(protocol))],
                EnabledSslProtocols = wish.Protocols,
                ClientCertificates = wish.ClientCertificate is null ? null : [wish.ClientCertificate],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            }).Within($"the handshake for {wish.ServerName}");
            return new(client, tls);
        }
        catch
        {
            await tls.DisposeAsync();
            client.Dispose();
            throw;
        }
    }

    /// <summary>One HTTP/1.1 request with nothing but a Host, and its whole answer.</summary>
    public Task<HttpAnswer> GetAsync(string host, string target = "/") => AskAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");

    public async Task<HttpAnswer> AskAsync(string request, byte[]? body = null)
    {
        await SendAsync(request, body);
        return await ReadAsync(request.Split(' ')[0]);
    }

    public async Task SendAsync(string request, byte[]? body = null) =>
        await Tls.WriteAsync((byte[])[.. System.Text.Encoding.Latin1.GetBytes(request), .. body ?? []]).AsTask().Within("a request to be written");

    /// <summary>The next answer; interim ones (1xx) are passed over.</summary>
    public async Task<HttpAnswer> ReadAsync(string method = "GET")
    {
        HttpHead? head;
        do
        {
            head = await _reader.ReadHeadAsync().Within("an answer's head");
            if (head is null)
                throw new IOException("the connection ended before an answer");
        }
        while (head.Status is >= 100 and < 200 and not 101);
        return new(head, await _reader.ReadResponseBodyAsync(head, method).Within("an answer's body"));
    }

    /// <summary>Whether the next thing is the end of the stream, in order.</summary>
    public async Task<bool> EndsAsync() => await _reader.ReadHeadAsync().Within("the end of the connection") is null;

    public async ValueTask DisposeAsync()
    {
        await Tls.DisposeAsync();
        _client.Dispose();
    }
}

internal sealed record HttpAnswer(HttpHead Head, byte[] Body)
{
    public int Status => Head.Status;

    public string Text => System.Text.Encoding.Latin1.GetString(Body);
}
