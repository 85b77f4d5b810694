using System.Net;
using System.Text;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>Answers that come in pieces, such as events: each piece is passed on when it comes, the headers first of all.</summary>
public sealed class StreamedAnswerTests
{
    [Theory]
    [InlineData("Offload", 1)]
    [InlineData("Offload", 2)]
    [InlineData("Plain", 1)]
    public async Task Headers_and_each_piece_of_an_HTTP_1_backend_do_not_wait_for_the_next(string room, int version)
    {
        TaskCompletionSource[] steps = [new(), new()];
        using WireBackend backend = WireBackend.Start(async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            await steps[0].Task;
            await exchange.SendAsync("3\r\none\r\n");
            await steps[1].Task;
            await exchange.SendAsync("3\r\ntwo\r\n0\r\n\r\n");
        });
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        await PlayAsync(gateway, Enum.Parse<HttpRoom>(room), version, "/", steps);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Headers_and_each_piece_of_an_h2c_backend_do_not_wait_for_the_next(int version)
    {
        TaskCompletionSource[] steps = [new(), new()];
        await using GrpcBackend backend = await GrpcBackend.StartAsync(steps);
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Bare().Site("site", HttpRooms.SiteName, $"h2c://{backend.EndPoint}"));
        await PlayAsync(gateway, HttpRoom.Offload, version, "/steps", steps);
    }

    private static async Task PlayAsync(Gateway gateway, HttpRoom room, int version, string path, TaskCompletionSource[] steps)
    {
        IPEndPoint door = room == HttpRoom.Offload ? gateway.Https : gateway.Config.EndPoint("http");
        using HttpClient client = new(HttpDoor.Handler(door));
        using HttpRequestMessage request = new(HttpMethod.Get, $"{(room == HttpRoom.Offload ? "https" : "http")}://{HttpRooms.NameIn(room)}:{door.Port}{path}")
        {
            Version = new Version(version, version == 1 ? 1 : 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).Within("the headers before the body");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Stream body = await response.Content.ReadAsStreamAsync();
        byte[] piece = new byte[3];
        steps[0].SetResult();
        await body.ReadExactlyAsync(piece).AsTask().Within("the first piece before the second");
        Assert.Equal("one", Encoding.ASCII.GetString(piece));
        steps[1].SetResult();
        await body.ReadExactlyAsync(piece).AsTask().Within("the second piece");
        Assert.Equal("two", Encoding.ASCII.GetString(piece));
        Assert.Equal(0, await body.ReadAsync(piece).AsTask().Within("the end"));
    }
}
