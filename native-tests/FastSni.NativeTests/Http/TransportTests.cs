using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FastSni.Config;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Http;

/// <summary>TLS and unix sockets towards the server, HTTP/2 towards the client.</summary>
public class TransportTests
{
    private const string Hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    [Theory]
    [InlineData("right CA and name", "app.internal", true, 200)]
    [InlineData("right CA, wrong name", "other.internal", true, 502)]
    [InlineData("system trust", "app.internal", null, 502)]
    [InlineData("not verified", "other.internal", false, 200)]
    public async Task A_TLS_server_is_trusted_as_the_route_says(string what, string name, bool? hasCaFile, int status)
    {
        using X509Certificate2 certificate = SelfSigned.Certificate("app.internal");
        string folder = Directory.CreateTempSubdirectory("fastsni-").FullName;
        string file = Path.Combine(folder, "ca.pem");
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
        int requests = 0;
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await using SslStream tls = new(new NetworkStream(socket));
            try
            {
                await tls.AuthenticateAsServerAsync(certificate);
                byte[] buffer = new byte[4096];
                while (await tls.ReadAsync(buffer) > 0)
                {
                    requests++;
                    await tls.WriteAsync(Encoding.ASCII.GetBytes(Hello));
                }
            }
            catch (IOException)
            {
                // The gateway does not trust us.
            }
        });
        OffloadSection section = HttpFront.SectionTo(backend.Address);
        section = section with
        {
            Backend = section.Backend with
            {
                Scheme = HttpScheme.Https, ServerName = name,
                Verification = hasCaFile switch { true => new(true, file), false => BackendVerification.Off, _ => BackendVerification.On },
            },
        };
        await using (HttpFront front = await HttpFront.StartAsync(section, new GatewayOptions()))
        {
            for (int i = 0; i < 2; i++)
            {
                string answer = await front.GetAsync();
                Assert.True(answer.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{what}: {answer}");
            }
            // No client may mark a server down by what it asks for; what is wrong is said once.
            Assert.True(front.Route.Pool.Servers[0].IsUp);
            Assert.Equal(status == 200 ? 0 : 1, front.Log.Lines.Count(line => line.Contains("no connection to", StringComparison.Ordinal)));
        }
        Assert.Equal(status == 200 ? (2, 1) : (0, 2), (requests, backend.Connections));
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task A_unix_socket_is_a_server_like_any_other()
    {
        string folder = Directory.CreateTempSubdirectory("fastsni-").FullName;
        string path = Path.Combine(folder, "app.sock");
        using Socket listener = Loopback.NewSocket(AddressFamily.Unix);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        await using HttpFront front = await HttpFront.StartAsync(new ServerAddress(ServerKind.Unix, "unix:" + path, path, null));
        Task<string> asking = front.GetAsync();
        using Socket server = await listener.AcceptAsync();
        await HttpText.ReadHeadAsync(server);
        await server.SendTextAsync(Hello);
        Assert.EndsWith("hello", await asking, StringComparison.Ordinal);
        Assert.Equal("unix:" + path, front.Last!.BackendPath);
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task A_request_of_HTTP2_with_a_body_and_an_answer_with_trailers_go_through()
    {
        string seen = "";
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            seen = await HttpText.ReadUntilAsync(socket, "0\r\n\r\n");
            await socket.SendTextAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n");
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using HttpClient client = new();
        using HttpRequestMessage request = new(HttpMethod.Post, $"http://{front.Http2Address}/up?x=1")
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new StreamContent(new UnseekableStream("data"u8.ToArray())),
        };
        using HttpResponseMessage response = await client.SendAsync(request).WaitAsync(Loopback.Patience);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        Assert.Equal(["1"], response.TrailingHeaders.GetValues("X-Sum"));
        Assert.StartsWith($"POST /up?x=1 HTTP/1.1\r\nHost: {front.Http2Address}\r\n", seen, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n4\r\ndata\r\n0\r\n\r\n", seen, StringComparison.Ordinal);
    }

    // Its length is not known, so the request has none.
    private sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
