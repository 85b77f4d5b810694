using System.Net.Sockets;
using FastSni.Config;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Http;

/// <summary>Requests and answers of well-behaved servers.</summary>
public class ForwardingTests
{
    private const string Hello = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";

    [Fact]
    public async Task A_request_reaches_the_server_with_its_host_and_the_true_client_and_without_hop_by_hop_headers()
    {
        string seen = "";
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            seen = await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync(Hello);
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        string answer = await front.AskAsync("GET /a%20b?c=d HTTP/1.0\r\nHost: test:80\r\nX-Own: \xE9 1\r\nX-Own: 2\r\nX-Secret: s\r\nX-Forwarded-For: 1.2.3.4\r\n" +
            "Keep-Alive: 5\r\nConnection: X-Secret, Host, X-Forwarded-For\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nhello", answer, StringComparison.Ordinal);
        string[] lines = seen.Split("\r\n");
        Assert.Equal("GET /a%20b?c=d HTTP/1.1", lines[0]);
        Assert.Equal("Host: test:80", lines[1]);
        Assert.Contains("X-Own: \xE9 1", lines);
        Assert.Contains("X-Own: 2", lines);
        Assert.Equal(["X-Forwarded-For: 198.51.100.7"], lines.Where(line => line.StartsWith("X-Forwarded-For:", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, line => line.StartsWith("X-Secret", StringComparison.Ordinal) || line.StartsWith("Keep-Alive", StringComparison.Ordinal)
            || line.StartsWith("Connection", StringComparison.Ordinal));
        Assert.Equal((5, 0), (front.Last!.DownBytes, front.Last.UpBytes));
        Assert.Equal(backend.Address.Text, front.Last.Backend.ToString());
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;x=y\r\nhe\r\n03\r\nllo\r\n0\r\nX-Trailer: 1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nhello")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200\r\nConnection: close\r\n\r\nhello")]
    public async Task A_body_arrives_whole_however_it_is_framed_and_cut_into_segments(string response)
    {
        bool isSlow = false;
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await HttpText.ReadHeadAsync(socket);
            for (int i = 0; i < response.Length; i += isSlow ? 1 : response.Length)
                await socket.SendTextAsync(isSlow ? response[i..(i + 1)] : response);
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        foreach (bool slow in (bool[])[false, true])
        {
            isSlow = slow;
            string answer = await front.AskAsync("GET / HTTP/1.0\r\nHost: test\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\nhello", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("Link", answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", "Content-Length: 500")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 500\r\n\r\n", "ETag: \"x\"")]
    [InlineData("DELETE", "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n", "X-A: b")]
    public async Task An_answer_without_a_body_leaves_the_connection_to_the_next_request(string method, string response, string header)
    {
        using RawBackend backend = RawBackend.KeepingAlive(response);
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        for (int i = 0; i < 3; i++)
        {
            string answer = await front.AskAsync($"{method} / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            Assert.Contains(header + "\r\n", answer, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
        }
        Assert.Equal(1, backend.Connections);
    }

    [Fact]
    public async Task Connections_are_kept_for_the_next_request_unless_the_server_says_close()
    {
        using RawBackend keeping = RawBackend.KeepingAlive(Hello);
        using RawBackend closing = RawBackend.KeepingAlive(Hello.Replace("Content-Type", "Connection: close\r\nContent-Type", StringComparison.Ordinal));
        foreach ((RawBackend backend, int connections) in ((RawBackend, int)[])[(keeping, 1), (closing, 5)])
        {
            await using HttpFront front = await HttpFront.StartAsync(backend.Address);
            for (int i = 0; i < 5; i++)
                Assert.EndsWith("hello", await front.GetAsync(), StringComparison.Ordinal);
            Assert.Equal(connections, backend.Connections);
        }
    }

    [Fact]
    public async Task A_connection_that_the_server_closed_while_it_waited_costs_the_client_nothing()
    {
        using RawBackend backend = RawBackend.Answering(Hello);
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        for (int i = 1; i <= 4; i++)
        {
            Assert.EndsWith("hello", await front.GetAsync(), StringComparison.Ordinal);
            Assert.Equal(i, backend.Connections);
        }
    }

    [Fact]
    public async Task A_server_that_hangs_up_on_a_reused_connection_is_asked_again_for_a_get_but_not_for_a_post()
    {
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync(Hello);
            await HttpText.ReadHeadAsync(socket);
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        Assert.EndsWith("hello", await front.GetAsync(), StringComparison.Ordinal);
        Assert.EndsWith("hello", await front.GetAsync(), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 502", await front.AskAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal(2, backend.Connections);
    }

    [Fact]
    public async Task A_server_that_refuses_is_left_for_the_next_and_marked()
    {
        using Socket dead = Loopback.BindWithoutListening(out int port);
        using RawBackend backend = RawBackend.KeepingAlive(Hello);
        await using HttpFront front = await HttpFront.StartAsync(Setup.Server(port), backend.Address);
        for (int i = 0; i < 4; i++)
            Assert.EndsWith("hello", await front.GetAsync(), StringComparison.Ordinal);
        Assert.Single(front.Log.Lines, line => line.Contains("is down", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_any_server_the_answer_is_502_and_without_an_address_503()
    {
        using Socket dead = Loopback.BindWithoutListening(out int port);
        await using HttpFront refused = await HttpFront.StartAsync(Setup.Server(port));
        Assert.StartsWith("HTTP/1.1 502 Bad Gateway\r\n", await refused.GetAsync(), StringComparison.Ordinal);
        await using HttpFront unknown = await HttpFront.StartAsync(new ServerAddress(ServerKind.HostName, "nowhere.invalid:80", "nowhere.invalid", 80));
        Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", await unknown.GetAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_routes_headers_replace_the_servers_and_are_on_our_own_pages_too()
    {
        using RawBackend backend = RawBackend.Answering("HTTP/1.1 200 Fine\r\nX-Frame-Options: SAMEORIGIN\r\nContent-Length: 0\r\n\r\n");
        OffloadSection section = HttpFront.SectionTo(backend.Address) with { ResponseHeaders = [new("X-Frame-Options", "DENY")] };
        await using (HttpFront front = await HttpFront.StartAsync(section, new GatewayOptions()))
        {
            string answer = await front.GetAsync();
            Assert.StartsWith("HTTP/1.1 200 Fine\r\n", answer, StringComparison.Ordinal);
            Assert.Contains("X-Frame-Options: DENY\r\n", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("SAMEORIGIN", answer, StringComparison.Ordinal);
        }
        using Socket dead = Loopback.BindWithoutListening(out int port);
        section = section with { Backend = section.Backend with { Servers = [Setup.Server(port)] } };
        await using HttpFront broken = await HttpFront.StartAsync(section, new GatewayOptions());
        Assert.Contains("X-Frame-Options: DENY\r\n", await broken.GetAsync(), StringComparison.Ordinal);
    }
}
