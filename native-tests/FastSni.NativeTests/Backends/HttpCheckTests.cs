using System.Net.Sockets;
using System.Text;
using FastSni.Backends;
using FastSni.Config;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Backends;

public sealed class HttpCheckTests : IDisposable
{
    private readonly Backend _backend = Backend.Start();

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", null)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", null)]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nuntil the end", null)]
    [InlineData("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", null)]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/login\r\nContent-Length: 0\r\n\r\n", null)]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP status 404")]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "HTTP status 500")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "HTTP status 101")]
    [InlineData("garbage \u001b[31m\r\n\r\n", "HTTP: InvalidResponse")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ncut", "HTTP: ResponseEnded")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP: InvalidResponse")]
    [InlineData("", "HTTP: ResponseEnded")]
    public async Task The_answer_decides(string answer, string? reason)
    {
        Task<string?> check = Checks.Target(_backend.Port, HealthCheckKind.Http).RunAsync();
        using (Socket server = await _backend.AcceptAsync())
        {
            ReadRequest(server);
            server.SendAll(Encoding.Latin1.GetBytes(answer));
        }
        Assert.Equal(reason, await check);
    }

    [Theory]
    [InlineData("app.test", "app.test")]
    [InlineData(null, "127.0.0.1:PORT")]
    public async Task The_request_is_a_plain_GET_that_ends_the_connection(string? name, string host)
    {
        Task<string?> check = Checks.Target(_backend.Port, HealthCheckKind.Http, name).RunAsync();
        string request;
        using (Socket server = await _backend.AcceptAsync())
        {
            request = ReadRequest(server);
            server.SendAll("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8);
            Assert.Empty(server.ReadToEnd());
        }
        Assert.Null(await check);
        string[] lines = request.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("GET /health?full=1 HTTP/1.1", lines[0]);
        string wanted = host.Replace("PORT", $"{_backend.Port}", StringComparison.Ordinal);
        Assert.Equal(["Connection: close", $"Host: {wanted}", "User-Agent: FastSni-health-check"], lines[1..].Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")]
    public async Task A_slow_answer_is_not_well(string soFar)
    {
        Task<string?> check = Checks.Target(_backend.Port, HealthCheckKind.Http).Hurried().RunAsync();
        using Socket server = await _backend.AcceptAsync();
        ReadRequest(server);
        server.SendAll(Encoding.ASCII.GetBytes(soFar));
        Assert.Equal("no answer in time", await check);
        server.ReadToLast();    // The check has let go of it.
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\nX: ", false)]
    [InlineData("", false)]
    public async Task No_more_than_its_share_is_read_of_an_answer_without_end(string head, bool isWell)
    {
        Task<string?> check = Checks.Target(_backend.Port, HealthCheckKind.Http).RunAsync();
        using Socket server = await _backend.AcceptAsync();
        ReadRequest(server);
        server.SendAll(Encoding.ASCII.GetBytes(head));
        byte[] flood = Encoding.ASCII.GetBytes(new string('x', 64 * 1024));
        Assert.ThrowsAny<SocketException>(() =>
        {
            for (int i = 0; i < 10_000; i++)
                server.SendAll(flood);
        });
        Assert.Equal(isWell, await check is null);
    }

    [Fact]
    public async Task A_unix_socket_is_asked_like_a_port()
    {
        string path = Path.Combine(Path.GetTempPath(), $"fastsni-check-{Guid.NewGuid():N}");
        HealthTarget target = Checks.Target(new ServerAddress(ServerKind.Unix, "unix:" + path, path, null), HealthCheckKind.Http);
        Assert.NotNull(await target.RunAsync());
        using Socket listener = Loopback.NewSocket(AddressFamily.Unix);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        Task<string?> check = target.RunAsync();
        using (Socket server = await listener.AcceptAsync())
        {
            Assert.Contains("\r\nHost: localhost\r\n", ReadRequest(server), StringComparison.Ordinal);
            server.SendAll("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8);
        }
        Assert.Null(await check);
        File.Delete(path);
    }

    [Theory]
    [InlineData(0x88, null)]                // HPACK's static table (RFC 7541 A): `:status: 200`
    [InlineData(0x8E, "HTTP status 500")]
    public async Task H2c_is_spoken_with_prior_knowledge(byte status, string? reason)
    {
        Task<string?> check = (Checks.Target(_backend.Port, HealthCheckKind.Http) with { Scheme = HttpScheme.H2c }).RunAsync();
        using (Socket server = await _backend.AcceptAsync())
        {
            byte[] preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8];
            Assert.Equal(preface, server.ReadExactly(preface.Length));
            server.SendAll([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0]);     // Our settings, none; theirs acknowledged.
            while (ReadFrameType(server) != 1)
                continue;
            server.SendAll([0, 0, 1, 1, 5, 0, 0, 0, 1, status]);                        // HEADERS, the last frame of stream 1.
            server.Shutdown(SocketShutdown.Send);
            server.ReadToLast();
        }
        Assert.Equal(reason, await check);
    }

    public void Dispose() => _backend.Dispose();

    private static byte ReadFrameType(Socket server)
    {
        byte[] head = server.ReadExactly(9);
        server.ReadExactly(head[0] << 16 | head[1] << 8 | head[2]);
        return head[3];
    }

    private static string ReadRequest(Socket server)
    {
        StringBuilder request = new();
        while (!request.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            request.Append((char)server.ReadExactly(1)[0]);
        return request.ToString();
    }
}
