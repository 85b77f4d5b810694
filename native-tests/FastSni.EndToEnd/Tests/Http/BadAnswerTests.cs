using System.Globalization;
using System.Text;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>Backends that break HTTP: the client sees an error or a cut, never a whole answer, and the connection is not used again.</summary>
public sealed class BadAnswerTests
{
    private const string Head = "HTTP/1.1 200 OK\r\n", Chunked = Head + "Transfer-Encoding: chunked\r\n\r\n";

    private enum Then
    {
        Stay,
        Close,
        Reset,
    }

    /// <summary>Answers that nobody may take for whole.</summary>
    private static readonly (string Name, string Answer, Then Then)[] Broken =
    [
        ("nothing-close", "", Then.Close),
        ("nothing-reset", "", Then.Reset),
        ("half-head-close", "HTTP/1.1 200 OK\r\nContent-Le", Then.Close),
        ("half-head-reset", "HTTP/1.1 200 OK\r\nContent-Le", Then.Reset),
        ("length-too-long", Head + "Content-Length: 100\r\n\r\nhello", Then.Close),
        ("length-too-long-reset", Head + "Content-Length: 100\r\n\r\nhello", Then.Reset),
        ("length-no-number", Head + "Content-Length: five\r\n\r\nhello", Then.Close),
        ("length-plus", Head + "Content-Length: +5\r\n\r\nhello", Then.Close),
        ("length-negative", Head + "Content-Length: -5\r\n\r\nhello", Then.Close),
        ("length-huge", Head + "Content-Length: 99999999999999999999\r\n\r\nhello", Then.Close),
        ("lengths-differ", Head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", Then.Close),
        ("length-and-chunked", Head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", Then.Stay),
        ("coding-unknown", Head + "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", Then.Close),
        ("coding-twice", Head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", Then.Close),
        ("chunk-cut", Chunked + "5\r\nhel", Then.Close),
        ("chunk-cut-reset", Chunked + "5\r\nhel", Then.Reset),
        ("chunk-last-missing", Chunked + "5\r\nhello\r\n", Then.Close),
        ("chunk-end-missing", Chunked + "5\r\nhello\r\n0\r\n", Then.Close),
        ("chunk-size-bad", Chunked + "5\r\nhello\r\nZZ\r\n", Then.Stay),
        ("chunk-size-negative", Chunked + "5\r\nhello\r\n-1\r\n\r\n", Then.Stay),
        ("chunk-size-prefix", Chunked + "0x5\r\nhello\r\n0\r\n\r\n", Then.Stay),
        ("chunk-size-overflow", Chunked + "5\r\nhello\r\n10000000000000005\r\nhello\r\n0\r\n\r\n", Then.Stay),
        ("chunk-too-long", Chunked + "4\r\nhello\r\n0\r\n\r\n", Then.Stay),
        ("chunk-extension-endless", Chunked + "5;" + new string('a', 200_000) + "\r\nhello\r\n0\r\n\r\n", Then.Stay),
        ("garbage", "\0\x01\x02 this is no HTTP\r\n\r\n", Then.Close),
        ("garbage-endless", new string('x', 200_000), Then.Stay),
        ("http09", "<html>hello</html>", Then.Close),
        ("http2-line", "HTTP/2 200\r\nContent-Length: 5\r\n\r\nhello", Then.Close),
        ("status-two-digits", "HTTP/1.1 20 OK\r\nContent-Length: 5\r\n\r\nhello", Then.Close),
        ("status-four-digits", "HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nhello", Then.Close),
        ("header-100k", Head + "X: " + new string('a', 100_000) + "\r\nContent-Length: 5\r\n\r\nhello", Then.Stay),
        ("headers-10000", Head + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"X{i}: y\r\n")) + "Content-Length: 5\r\n\r\nhello", Then.Stay),
        ("header-nul", Head + "X: a\0b\r\nContent-Length: 5\r\n\r\nhello", Then.Stay),
        ("header-cr", Head + "X: a\rb\r\nContent-Length: 5\r\n\r\nhello", Then.Stay),
        ("header-no-colon", Head + "X\r\nContent-Length: 5\r\n\r\nhello", Then.Stay),
        ("header-space-colon", Head + "Content-Length : 5\r\n\r\nhello", Then.Stay),
        ("switching-unasked", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello", Then.Stay),
        ("interim-flood", string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 5_000)), Then.Close),
        ("interim-then-nothing", "HTTP/1.1 100 Continue\r\n\r\n", Then.Close),
    ];

    /// <summary>Whole by their framing, but with bytes behind them that belong to nobody.</summary>
    private static readonly (string Name, string Answer, string Text)[] Overlong =
    [
        ("length-too-short", Head + "Content-Length: 3\r\n\r\nhello", "hel"),
        ("two-answers", Head + "Content-Length: 5\r\n\r\nhello" + Head + "X-Seen: 999\r\nContent-Length: 4\r\n\r\nevil", "hello"),
        ("two-answers-chunked", Chunked + "5\r\nhello\r\n0\r\n\r\n" + Head + "X-Seen: 999\r\nContent-Length: 4\r\n\r\nevil", "hello"),
        ("no-content-with-content", "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nX-Seen: 999\r\nContent-Length: 4\r\n\r\nevil", ""),
        ("not-modified-with-content", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello", ""),
    ];

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task A_broken_answer_is_an_error_or_a_cut_and_the_next_request_is_fine(string room)
    {
        List<string> complaints = await PlayAsync(Enum.Parse<HttpRoom>(room), [.. Broken.Select(row => (row.Name, row.Answer, row.Then))], response =>
            response is { IsComplete: true, Status: < 500 } ? $"looks whole: {response.Status} {response.Text}" : null);
        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
    }

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task What_stands_behind_an_answer_reaches_nobody(string room)
    {
        foreach ((string name, string answer, string text) in Overlong)
        {
            List<string> complaints = await PlayAsync(Enum.Parse<HttpRoom>(room), [(name, answer, Then.Stay)], response =>
                response is null || !response.IsComplete || response.Status >= 500 || response.Text == text ? null : $"{response.Status} '{response.Text}'");
            Assert.True(complaints.Count == 0, string.Join('\n', complaints));
        }
    }

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task An_answer_to_HEAD_has_no_body_whatever_the_backend_sends(string room)
    {
        using WireBackend backend = WireBackend.Start(exchange => exchange.Request.Method == "HEAD"
            ? exchange.SendAsync(Head + "Content-Length: 5\r\n\r\nhello") : exchange.AnswerAsync());
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        HttpRoom where = Enum.Parse<HttpRoom>(room);
        using WireClient client = await gateway.EnterAsync(where);
        WireResponse head = await client.AskAsync($"HEAD / HTTP/1.1\r\nHost: {HttpRooms.NameIn(where)}\r\n\r\n");
        Assert.Equal((200, "5"), (head.Status, head["content-length"]));
        Assert.Equal(backend.Name, (await client.GetAsync(HttpRooms.NameIn(where))).Text);
        Assert.Equal(2, backend.Connections.Count);
    }

    private static async Task<List<string>> PlayAsync(
        HttpRoom room, (string Name, string Answer, Then Then)[] rows, Func<WireResponse?, string?> judge)
    {
        using WireBackend backend = WireBackend.Start(exchange => AnswerAsync(exchange, rows));
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        List<string> complaints = [];
        for (int at = 0; at < rows.Length; at++)
        {
            try
            {
                using WireClient client = await gateway.EnterAsync(room);
                await client.SendAsync(string.Create(CultureInfo.InvariantCulture, $"POST /bad/{at} HTTP/1.1\r\nHost: {HttpRooms.NameIn(room)}\r\nContent-Length: 2\r\n\r\nhi"));
                WireResponse? response = await client.Responses.ReadAsync("POST");
                if (judge(response) is { } complaint)
                    complaints.Add($"{rows[at].Name}: {complaint}");
                if (response is { IsComplete: false } && client.Responses.Ending == Ending.Open)
                    complaints.Add($"{rows[at].Name}: a cut on a connection that goes on");
                WireResponse next = await gateway.GetAsync(room, "/fine");
                if ((next.Status, next.Text) != (200, backend.Name))
                    complaints.Add($"{rows[at].Name}: the next request got {next.Status} {next.Text}");
            }
            catch (Exception wrong) when (wrong is not OutOfMemoryException)
            {
                complaints.Add($"{rows[at].Name}: {wrong.Message}");
            }
        }
        foreach (WireConnection connection in backend.Connections)
        {
            WireRequest[] requests = [.. connection.Requests];
            complaints.AddRange(requests.SkipLast(1).Where(request => request.Target != "/fine").Select(request => $"{request.Target}: its connection was used again"));
        }
        int[] bad = [.. backend.Requests.Where(request => request.Target != "/fine").GroupBy(request => request.Target).Select(group => group.Count())];
        if (bad.Any(count => count != 1))
            complaints.Add("a POST was sent twice");
        gateway.AssertAlive();
        backend.AssertWellFormed();
        return complaints;
    }

    private static async Task AnswerAsync(WireExchange exchange, (string Name, string Answer, Then Then)[] rows)
    {
        if (exchange.Request.Target == "/fine")
        {
            await exchange.AnswerAsync();
            return;
        }
        (_, string answer, Then then) = rows[int.Parse(exchange.Request.Target.Split('/')[^1], CultureInfo.InvariantCulture)];
        await exchange.SendAsync(Encoding.Latin1.GetBytes(answer));
        if (then == Then.Close)
            exchange.Close();
        if (then == Then.Reset)
            await exchange.ResetAsync();
    }
}
