using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>A client that writes HTTP/1.1 by hand, in the clear or inside TLS, and reads responses strictly.</summary>
internal sealed class WireClient : IDisposable
{
    private readonly TestClient _socket;
    private readonly Stream _stream;

    private WireClient(TestClient socket, Stream stream) => (_socket, _stream, Responses) = (socket, stream, new ResponseReader(stream));

    public ResponseReader Responses { get; }

    public Stream Stream => _stream;

    public IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    public TestClient Socket => _socket;

    /// <param name="serverName">null = in the clear.</param>
    /// <param name="header">A PROXY header to go before everything else.</param>
    public static async Task<WireClient> ConnectAsync(IPEndPoint gateway, string? serverName, IPAddress? from = null, byte[]? header = null)
    {
        TestClient socket = await TestClient.ConnectAsync(gateway, from);
        await socket.SendAsync(header);
        Stream stream = new NetworkStreamOf(socket);
        if (serverName is null)
            return new WireClient(socket, stream);
        SslStream tls = new(stream);
        try
        {
            using CancellationTokenSource limit = new(Patience.Limit);
            await tls.AuthenticateAsClientAsync(TlsOptions(serverName), limit.Token);
            return new WireClient(socket, tls);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>Trusts the tests' own authority alone.</summary>
    public static SslClientAuthenticationOptions TlsOptions(string serverName)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(TestCertificates.Shared.AuthorityPath);
        return new SslClientAuthenticationOptions { TargetHost = serverName, CertificateChainPolicy = policy };
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using CancellationTokenSource limit = new(Patience.Limit);
        await _stream.WriteAsync(bytes, limit.Token);
        await _stream.FlushAsync(limit.Token);
    }

    /// <summary>Sends, or says false where the gateway has already refused.</summary>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await SendAsync(bytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Sends a request and reads its answer; fails where there is none.</summary>
    public async Task<WireResponse> AskAsync(string request)
    {
        await SendAsync(request);
        WireResponse? response = await Responses.ReadAsync(request[..request.IndexOf(' ', StringComparison.Ordinal)]);
        Assert.True(response is not null, $"no answer, {Responses.Ending}");
        return response;
    }

    public Task<WireResponse> GetAsync(string host, string path = "/", string headers = "") =>
        AskAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private sealed class NetworkStreamOf(TestClient client) : System.Net.Sockets.NetworkStream(client.Socket, ownsSocket: false);
}
