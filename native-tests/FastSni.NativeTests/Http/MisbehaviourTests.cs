using System.Net.Sockets;
using FastSni.Config;
using Xunit;

namespace FastSni.NativeTests.Http;

/// <summary>Servers that break the protocol: the client sees an error or a cut, never a clean whole body, and the connection is not used again.</summary>
public class MisbehaviourTests
{
    public static TheoryData<string, string> Refused => new()
    {
        { "length too short", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello world" },
        { "two responses", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno" },
        { "both framings", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "two codings", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" },
        { "chunked twice", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "chunked in 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab" },
        { "length list", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nab" },
        { "length sign", "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nab" },
        { "empty length", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n" },
        { "folded line", "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n" },
        { "blank before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n" },
        { "no name", "HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 0\r\n\r\n" },
        { "no colon", "HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n" },
        { "bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 0\n\n" },
        { "bare return", "HTTP/1.1 200 OK\r\nX-A: b\rX-C: d\r\nContent-Length: 0\r\n\r\n" },
        { "NUL", "HTTP/1.1 200 OK\r\nX-A: \0\r\nContent-Length: 0\r\n\r\n" },
        { "HTTP/2", "HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n" },
        { "no HTTP", "SSH-2.0-OpenSSH_9.2\r\n" },
        { "four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n" },
        { "unasked 101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" },
        { "100 kB head", "HTTP/1.1 200 OK\r\nX-A: " + new string('a', 100_000) + "\r\n\r\n" },
        { "flood of interim answers", string.Concat(Enumerable.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 17)) + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
        { "cut head", "HTTP/1.1 200 OK\r\nContent-Le" },
        { "nothing", "" },
    };

    public static TheoryData<string, string> Cut => new()
    {
        { "length too long", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello" },
        { "cut in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel" },
        { "cut before the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" },
        { "cut before the empty line", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n" },
        { "bytes behind the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" },
        { "bad trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nno trailer\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_broken_answer_is_answered_502(string what, string response)
    {
        using RawBackend backend = RawBackend.Answering(response);
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        string answer = await front.GetAsync();
        Assert.True(answer.StartsWith("HTTP/1.1 502 Bad Gateway\r\n", StringComparison.Ordinal), $"{what}: {answer[..Math.Min(answer.Length, 200)]}");
        Assert.DoesNotContain("X-A", answer, StringComparison.Ordinal);
        Assert.Equal(1, backend.Connections);
    }

    [Theory]
    [MemberData(nameof(Cut))]
    public async Task A_broken_body_is_cut_and_never_looks_whole(string what, string response)
    {
        using RawBackend backend = RawBackend.Answering(response);
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        string answer = await front.GetAsync();
        bool looksWhole = answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal) || answer.Contains("Content-Length: 5\r\n", StringComparison.Ordinal);
        Assert.False(looksWhole && !answer.StartsWith("HTTP/1.1 502", StringComparison.Ordinal), $"{what}: {answer}");
    }

    [Theory]
    [InlineData("Content-Length: 100000")]
    [InlineData("X-Until: close")]
    public async Task A_reset_in_the_middle_of_a_body_is_a_cut(string framing)
    {
        TaskCompletionSource isRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync($"HTTP/1.1 200 OK\r\n{framing}\r\n\r\nhello");
            await isRead.Task;
            socket.LingerState = new LingerOption(true, 0);
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using Socket client = front.Connect();
        await client.SendTextAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        string begun = await HttpText.ReadHeadAsync(client);
        isRead.SetResult();
        string rest = await HttpText.ReadToEndAsync(client);
        Assert.StartsWith("HTTP/1.1 200 OK", begun, StringComparison.Ordinal);
        Assert.DoesNotContain("0\r\n\r\n", (begun + rest)[(begun.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_behind_an_answer_without_a_body_cost_the_connection()
    {
        using RawBackend backend = RawBackend.KeepingAlive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        for (int i = 1; i <= 3; i++)
        {
            string answer = await front.AskAsync("HEAD / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
            Assert.Equal(i, backend.Connections);
        }
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_is_answered_for_with_504()
    {
        using RawBackend backend = RawBackend.Start(HttpText.ReadToEndAsync);
        OffloadSection section = HttpFront.SectionTo(backend.Address);
        section = section with { Backend = section.Backend with { ResponseTimeout = TimeSpan.FromMilliseconds(300) } };
        await using HttpFront front = await HttpFront.StartAsync(section, new GatewayOptions());
        Assert.StartsWith("HTTP/1.1 504 Gateway Timeout\r\n", await front.GetAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_request_at_the_server()
    {
        TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await HttpText.ReadHeadAsync(socket);
            asked.SetResult();
            ended.SetResult(await HttpText.ReadToEndAsync(socket));
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using (Socket client = front.Connect())
        {
            await client.SendTextAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
            await asked.Task;
        }
        await ended.Task.WaitAsync(Support.Loopback.Patience);
    }
}
