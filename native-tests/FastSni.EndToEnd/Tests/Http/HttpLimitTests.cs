using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>What is too much, and its answer.</summary>
public sealed class HttpLimitTests
{
    [Fact]
    public async Task A_body_above_max_body_is_answered_413_and_is_never_a_whole_request_at_the_backend()
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url).SetIn(HttpRoom.Offload, "max-body", "1k"));
        Assert.Equal(200, (await PostAsync(gateway, $"Content-Length: 1024\r\n\r\n{new string('x', 1024)}")).Status);
        Assert.Equal(413, (await PostAsync(gateway, $"Content-Length: 1025\r\n\r\n{new string('x', 1025)}")).Status);
        Assert.Equal(413, (await PostAsync(gateway, $"Transfer-Encoding: chunked\r\n\r\n401\r\n{new string('x', 1025)}\r\n0\r\n\r\n")).Status);
        Assert.Equal(200, (await PostAsync(gateway, $"Transfer-Encoding: chunked\r\n\r\n400\r\n{new string('x', 1024)}\r\n0\r\n\r\n")).Status);
        Assert.All(backend.Requests, request => Assert.Equal(1024, request.Body.Length));
        Assert.Equal(2, backend.Requests.Count);
    }

    [Fact]
    public async Task A_header_above_max_header_size_is_answered_431()
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url).SetIn(HttpRoom.Offload, "max-header-size", "8k"));
        Assert.Equal(200, (await gateway.GetAsync(HttpRoom.Offload, "/", $"X: {new string('x', 7000)}\r\n")).Status);
        Assert.Equal(431, (await gateway.GetAsync(HttpRoom.Offload, "/", $"X: {new string('x', 9000)}\r\n")).Status);
        Assert.Equal(431, (await gateway.GetAsync(HttpRoom.Plain, "/", $"X: {new string('x', 33_000)}\r\n")).Status);
        Assert.Single(backend.Requests);
    }

    [Fact]
    public async Task Requests_above_max_requests_are_answered_503_and_the_others_live()
    {
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using WireBackend backend = WireBackend.Start(async exchange =>
        {
            await release.Task;
            await exchange.AnswerAsync();
        });
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url).Gateway("max-requests", "2"));
        Task<WireResponse> first = gateway.GetAsync(HttpRoom.Offload), second = gateway.GetAsync(HttpRoom.Plain);
        await Patience.UntilAsync(() => backend.Requests.Count == 2, () => "two requests to wait");
        Assert.Equal(503, (await gateway.GetAsync(HttpRoom.Offload)).Status);
        Assert.Equal(503, (await gateway.GetAsync(HttpRoom.Plain)).Status);
        Assert.Equal(2, (await GatewayStatus.OfAsync(gateway)).Counter("requests-beyond-limit"));
        release.SetResult();
        Assert.Equal((200, 200), ((await first).Status, (await second).Status));
        Assert.Equal(200, (await gateway.GetAsync(HttpRoom.Offload)).Status);
    }

    private static async Task<WireResponse> PostAsync(Gateway gateway, string rest)
    {
        using WireClient client = await gateway.EnterAsync(HttpRoom.Offload);
        return await client.AskAsync($"POST / HTTP/1.1\r\nHost: {HttpRooms.SiteName}\r\n{rest}");
    }
}
