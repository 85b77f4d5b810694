using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>Several servers behind one name, some of them unwell.</summary>
public sealed class HttpBalanceTests
{
    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task Servers_take_turns(string room)
    {
        using WireBackend a = WireBackend.Start(name: "a"), b = WireBackend.Start(name: "b");
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config($"{a.Url}, {b.Url}"));
        for (int i = 0; i < 10; i++)
            Assert.Equal(200, (await gateway.GetAsync(Enum.Parse<HttpRoom>(room))).Status);
        Assert.Equal((5, 5), (a.Requests.Count, b.Requests.Count));
    }

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task With_one_server_dead_no_request_fails(string room)
    {
        using WireBackend a = WireBackend.Start(name: "a");
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config($"{a.Url}, http://{Loopback.NextV4()}"));
        for (int i = 0; i < 20; i++)
            Assert.Equal((200, "a"), await AskAsync(gateway, Enum.Parse<HttpRoom>(room)));
    }

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task With_one_server_dead_no_POST_fails_or_is_sent_twice(string room)
    {
        HttpRoom where = Enum.Parse<HttpRoom>(room);
        using WireBackend a = WireBackend.Start(name: "a");
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config($"http://{Loopback.NextV4()}, {a.Url}"));
        for (int i = 0; i < 4; i++)
        {
            using WireClient client = await gateway.EnterAsync(where);
            Assert.Equal(i + 1, (await client.AskAsync($"POST / HTTP/1.1\r\nHost: {HttpRooms.NameIn(where)}\r\nContent-Length: 2\r\n\r\nhi")).Seen);
        }
        Assert.All(a.Requests, request => Assert.Equal("hi"u8.ToArray(), request.Body));
    }

    [Fact]
    public async Task A_server_that_was_dead_is_used_again()
    {
        System.Net.IPEndPoint place = Loopback.NextV4();
        using WireBackend a = WireBackend.Start(name: "a");
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config($"{a.Url}, http://{place}"));
        for (int i = 0; i < 4; i++)
            Assert.Equal((200, "a"), await AskAsync(gateway, HttpRoom.Offload));
        using WireBackend b = WireBackend.Start(at: place, name: "b");
        await Patience.UntilAsync(() => HasAnsweredAsync(gateway, "b"), () => "b to be asked again");
    }

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task A_server_that_dies_under_its_connections_fails_no_GET(string room)
    {
        HttpRoom where = Enum.Parse<HttpRoom>(room);
        WireBackend a = WireBackend.Start(name: "a");
        using WireBackend b = WireBackend.Start(name: "b");
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config($"{a.Url}, {b.Url}"));
        for (int i = 0; i < 4; i++)
            await AskAsync(gateway, where);
        a.Dispose();
        for (int i = 0; i < 10; i++)
            Assert.Equal((200, "b"), await AskAsync(gateway, where));
    }

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task With_all_servers_dead_the_answer_is_a_page_with_502(string room)
    {
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config($"http://{Loopback.NextV4()}, http://{Loopback.NextV4()}"));
        WireResponse response = await gateway.GetAsync(Enum.Parse<HttpRoom>(room));
        Assert.Equal((502, "502 Bad Gateway\n"), (response.Status, response.Text));
    }

    [Fact]
    public async Task A_server_that_thinks_too_long_is_answered_for_with_504()
    {
        using WireBackend slow = WireBackend.Start(exchange => exchange.Request.Target == "/slow" ? Task.Delay(Timeout.Infinite) : exchange.AnswerAsync());
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(slow.Url).SetIn(HttpRoom.Offload, "response-timeout", "300ms"));
        Assert.Equal(504, (await gateway.GetAsync(HttpRoom.Offload, "/slow")).Status);
        Assert.Equal(200, (await gateway.GetAsync(HttpRoom.Offload)).Status);
        Assert.Equal(2, slow.Connections.Count);
    }

    [Fact]
    public async Task A_server_that_its_check_finds_unwell_is_left_out_until_it_is_well()
    {
        bool isWell = true;
        Task CheckedAsync(WireExchange exchange) => exchange.Request.Target == "/health" && !Volatile.Read(ref isWell)
            ? exchange.SendAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n") : exchange.AnswerAsync();
        using WireBackend a = WireBackend.Start(CheckedAsync, name: "a"), b = WireBackend.Start(name: "b");
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config($"{a.Url}, {b.Url}")
            .SetIn(HttpRoom.Offload, "health-check", "http").SetIn(HttpRoom.Offload, "health-path", "/health").SetIn(HttpRoom.Offload, "health-interval", "100ms"));
        await Patience.UntilAsync(() => HasAnsweredAsync(gateway, "a"), () => "a to be asked");
        Volatile.Write(ref isWell, false);
        await Patience.UntilAsync(async () => !await HasAnsweredAsync(gateway, "a"), () => "a to be left out");
        for (int i = 0; i < 10; i++)
            Assert.Equal((200, "b"), await AskAsync(gateway, HttpRoom.Offload));
        Volatile.Write(ref isWell, true);
        await Patience.UntilAsync(() => HasAnsweredAsync(gateway, "a"), () => "a to be back");
    }

    [Fact]
    public async Task A_unix_socket_is_a_server_too()
    {
        string directory = Directory.CreateTempSubdirectory("fastsni-e2e-unix-").FullName;
        try
        {
            using WireBackend backend = WireBackend.Start(at: new UnixDomainSocketEndPoint(Path.Combine(directory, "app.sock")), name: "unix");
            await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
            Assert.Equal((200, "unix"), await AskAsync(gateway, HttpRoom.Offload));
            Assert.Equal((200, "unix"), await AskAsync(gateway, HttpRoom.Plain));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<(int Status, string Text)> AskAsync(Gateway gateway, HttpRoom room)
    {
        WireResponse response = await gateway.GetAsync(room);
        return (response.Status, response.Text);
    }

    /// <summary>Whether this server is among those that answer the next four requests.</summary>
    private static async Task<bool> HasAnsweredAsync(Gateway gateway, string name)
    {
        bool hasAnswered = false;
        for (int i = 0; i < 4; i++)
            hasAnswered |= (await AskAsync(gateway, HttpRoom.Offload)).Text == name;
        return hasAnswered;
    }
}
