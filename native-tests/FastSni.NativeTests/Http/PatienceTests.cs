using System.Net.Sockets;
using FastSni.Config;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Http;

/// <summary>Silence, leaving, and many at once.</summary>
public class PatienceTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    public async Task A_server_that_falls_silent_in_a_body_is_cut_and_so_is_the_answer(string response)
    {
        TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync(response);
            ended.SetResult(await HttpText.ReadToEndAsync(socket));
        });
        await using HttpFront front = await HttpFront.StartAsync(HttpFront.SectionTo(backend.Address), new GatewayOptions { IdleTimeout = TimeSpan.FromMilliseconds(300) });
        string answer = await front.GetAsync();
        Assert.Contains("hello", answer, StringComparison.Ordinal);
        Assert.False(answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal), answer);
        await ended.Task.WaitAsync(Loopback.Patience);
    }

    [Fact]
    public async Task A_slow_client_gets_the_whole_of_an_answer_that_waits_for_it()
    {
        const int Pieces = 60, PieceBytes = 400_000;
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Pieces * PieceBytes}\r\n\r\n");
            await socket.SendAllAsync(new byte[Pieces * PieceBytes]);
        });
        var section = HttpFront.SectionTo(backend.Address);
        section = section with { Backend = section.Backend with { ResponseTimeout = TimeSpan.FromMilliseconds(500) } };
        await using HttpFront front = await HttpFront.StartAsync(section, new GatewayOptions { IdleTimeout = TimeSpan.FromSeconds(2) });
        using Socket client = front.Connect();
        await client.SendTextAsync("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        long received = (await HttpText.ReadHeadAsync(client)).Split("\r\n\r\n")[1].Length;
        byte[] buffer = new byte[PieceBytes];
        while (received < (long)Pieces * PieceBytes)
        {
            // Never long enough to be idle, but all of them are far longer than both timeouts.
            await Task.Delay(100);
            int wanted = (int)Math.Min(PieceBytes, (long)Pieces * PieceBytes - received);
            using CancellationTokenSource patience = new(Loopback.Patience);
            await new NetworkStream(client).ReadExactlyAsync(buffer.AsMemory(0, wanted), patience.Token);
            received += wanted;
        }
        Assert.Equal("", await HttpText.ReadToEndAsync(client));
    }

    [Fact]
    public async Task A_client_that_leaves_in_an_endless_answer_ends_it_at_the_server()
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync("HTTP/1.1 200 OK\r\n\r\n");
            try
            {
                while (true)
                    await socket.SendTextAsync("more and more");
            }
            catch (SocketException)
            {
                ended.SetResult();
            }
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using (Socket client = front.Connect())
        {
            await client.SendTextAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
            await HttpText.ReadHeadAsync(client);
        }
        await ended.Task.WaitAsync(Loopback.Patience);
    }

    [Fact]
    public async Task A_stream_of_events_reaches_the_client_event_by_event()
    {
        TaskCompletionSource isRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
            await isRead.Task;
            await socket.SendTextAsync("data: 1\n\n");
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using Socket client = front.Connect();
        await client.SendTextAsync("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await HttpText.ReadHeadAsync(client), StringComparison.Ordinal);
        isRead.SetResult();
        Assert.Contains("data: 1\n\n", await HttpText.ReadToEndAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_one_of_many_clients_gets_its_own_answers()
    {
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            string head;
            while ((head = await HttpText.ReadHeadAsync(socket)).Length > 0)
            {
                string path = head.Split(' ')[1];
                string body = string.Concat(Enumerable.Repeat(path, int.Parse(path.AsSpan(path.LastIndexOf('/') + 1), System.Globalization.CultureInfo.InvariantCulture) % 7 * 500 + 1));
                await socket.SendTextAsync(path.Length % 2 == 0
                    ? $"HTTP/1.1 200 OK\r\nX-Path: {path}\r\nContent-Length: {body.Length}\r\n\r\n{body}"
                    : $"HTTP/1.1 200 OK\r\nX-Path: {path}\r\nTransfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n");
            }
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using HttpClient http = new();
        await Task.WhenAll(Enumerable.Range(0, 30).Select(async client =>
        {
            for (int i = 0; i < 30; i++)
            {
                string path = $"/{client}/{i * 37 % 101}";
                using HttpResponseMessage answer = await http.GetAsync($"http://{front.Address}{path}");
                Assert.Equal([path], answer.Headers.GetValues("X-Path"));
                string body = await answer.Content.ReadAsStringAsync();
                Assert.Equal(string.Concat(Enumerable.Repeat(path, i * 37 % 101 % 7 * 500 + 1)), body);
            }
        }));
        Assert.InRange(backend.Connections, 1, 30);
    }
}
