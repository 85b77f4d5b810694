using System.Net.Sockets;
using FastSni.Config;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Http;

/// <summary>Bodies on their way to the server and back.</summary>
public class BodyTests
{
    private const string Empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    [Fact]
    public async Task A_body_of_known_length_goes_with_its_length_and_often_with_the_head()
    {
        string seen = "";
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            seen = await HttpText.ReadUntilAsync(socket, "12345");
            await socket.SendTextAsync(Empty);
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        string answer = await front.AskAsync("POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 5\r\n\r\n12345");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 5\r\n", seen, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n12345", seen, StringComparison.Ordinal);
        Assert.Equal(5, front.Last!.UpBytes);
    }

    [Fact]
    public async Task A_chunked_body_is_sent_in_chunks_of_our_own()
    {
        string seen = "";
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            seen = await HttpText.ReadUntilAsync(socket, "0\r\n\r\n");
            await socket.SendTextAsync(Empty);
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using Socket client = front.Connect();
        await client.SendTextAsync("POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\n12345\r\n");
        await client.SendTextAsync("1\r\n6\r\n0\r\nX-Trailer: 1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await HttpText.ReadToEndAsync(client), StringComparison.Ordinal);
        Assert.Contains("\r\nTransfer-Encoding: chunked\r\n", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("ext", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Trailer", seen, StringComparison.Ordinal);
        string body = seen[(seen.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        Assert.Contains(body, (string[])["6\r\n123456\r\n0\r\n\r\n", "5\r\n12345\r\n1\r\n6\r\n0\r\n\r\n"]);
    }

    [Fact]
    public async Task Bodies_stream_both_ways_at_once()
    {
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
            for (int i = 0; i < 3; i++)
                await socket.SendTextAsync(await HttpText.ReadUntilAsync(socket, $"{i}"));
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using Socket client = front.Connect();
        await client.SendTextAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await HttpText.ReadHeadAsync(client), StringComparison.Ordinal);
        for (int i = 0; i < 3; i++)
        {
            await client.SendTextAsync($"{i}");
            Assert.Equal($"{i}", await HttpText.ReadUntilAsync(client, $"{i}"));
        }
    }

    [Theory]
    [InlineData("Content-Length: 5000000", false)]
    [InlineData("Transfer-Encoding: chunked", true)]
    public async Task Megabytes_arrive_byte_for_byte_in_both_directions(string framing, bool isChunked)
    {
        string payload = string.Concat(Enumerable.Range(0, 1_000_000).Select(i => $"{i % 100_000:00000}"));
        string received = "";
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            string request = await HttpText.ReadHeadAsync(socket);
            int start = request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            received = (request + await ReadRestAsync(socket, payload.Length - (request.Length - start), isChunked))[start..];
            await socket.SendTextAsync($"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n" + (isChunked ? $"4c4b40\r\n{payload}\r\n0\r\n\r\n" : payload));
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using Socket client = front.Connect();
        Task sending = client.SendTextAsync($"POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {payload.Length}\r\n\r\n{payload}");
        string answer = await HttpTextFast.ReadToEndAsync(client);
        await sending;
        Assert.Equal(payload, received);
        Assert.Equal(payload, isChunked ? HttpTextFast.Unchunked(answer) : answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
        Assert.Equal((payload.Length, payload.Length), (front.Last!.UpBytes, front.Last.DownBytes));
    }

    [Fact]
    public async Task Expect_is_answered_by_us_once_a_server_is_there()
    {
        string seen = "";
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            seen = await HttpText.ReadUntilAsync(socket, "12345");
            await socket.SendTextAsync(Empty);
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using Socket client = front.Connect();
        await client.SendTextAsync("POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await HttpText.ReadHeadAsync(client));
        await client.SendTextAsync("12345");
        Assert.StartsWith("HTTP/1.1 200", await HttpText.ReadToEndAsync(client), StringComparison.Ordinal);
        Assert.DoesNotContain("Expect", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expect_is_refused_without_a_body_when_no_server_is_there()
    {
        using Socket dead = Loopback.BindWithoutListening(out int port);
        await using HttpFront front = await HttpFront.StartAsync(Setup.Server(port));
        string answer = await front.AskAsync("POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 502", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_answers_before_the_body_is_done_is_heard()
    {
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nno\n");
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using Socket client = front.Connect();
        await client.SendTextAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\nfirst");
        Assert.Contains("\r\n\r\nno\n", await HttpText.ReadUntilAsync(client, "no\n"), StringComparison.Ordinal);
        Assert.Equal(413, front.Last!.Response.StatusCode);
    }

    [Theory]
    [InlineData("Content-Length: 11\r\n\r\n12345678901", 0)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n", 1)]
    public async Task A_body_beyond_the_limit_is_answered_413(string rest, int connections)
    {
        using RawBackend backend = RawBackend.Start(HttpText.ReadToEndAsync);
        await using HttpFront front = await HttpFront.StartAsync(HttpFront.SectionTo(backend.Address) with { MaxBodyBytes = 10 }, new GatewayOptions());
        string answer = await front.AskAsync("POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" + rest);
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.InRange(backend.Connections, connections, connections);
    }

    [Fact]
    public async Task A_body_that_the_client_cuts_is_cut_at_the_server()
    {
        TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using RawBackend backend = RawBackend.Start(async socket => ended.SetResult(await HttpText.ReadToEndAsync(socket)));
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using (Socket client = front.Connect())
            await client.SendTextAsync("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n");
        string seen = await ended.Task.WaitAsync(Loopback.Patience);
        Assert.DoesNotContain("0\r\n\r\n", seen, StringComparison.Ordinal);
    }

    private static async Task<string> ReadRestAsync(Socket socket, int bytes, bool isSlow)
    {
        byte[] rest = new byte[bytes];
        for (int at = 0; at < bytes;)
        {
            int count = await socket.ReceiveAsync(rest.AsMemory(at, Math.Min(bytes - at, isSlow ? 1000 : 100_000)));
            Assert.NotEqual(0, count);
            at += count;
        }
        return System.Text.Encoding.Latin1.GetString(rest);
    }
}
