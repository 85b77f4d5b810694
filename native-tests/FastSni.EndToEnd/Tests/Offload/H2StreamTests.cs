using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>Malformed requests on HTTP/2 streams (RFC 9113 8.1 to 8.3): refused in one of the allowed ways, and no backend hears of them.</summary>
public sealed class H2StreamTests : IDisposable
{
    private const string Name = "app.home.test";
    private const int End = H2Frame.EndStream, EndHeaders = H2Frame.EndHeaders;

    private readonly HttpBackend _backend = HttpBackend.Start("app");

    public void Dispose() => _backend.Dispose();

    private static readonly Dictionary<string, (string Name, string Value)[]> Malformed = new()
    {
        ["an upper-case name"] = [.. Get, ("X-Upper", "1")],
        ["a name with a space"] = [.. Get, ("x y", "1")],
        ["an empty name"] = [.. Get, ("", "1")],
        ["a name with a colon"] = [.. Get, ("x:y", "1")],
        ["a value with a line end"] = [.. Get, ("x", "1\r\nX-Injected: 1")],
        ["a value with a zero"] = [.. Get, ("x", "1\0")],
        ["Connection"] = [.. Get, ("connection", "keep-alive")],
        ["Transfer-Encoding"] = [.. Get, ("transfer-encoding", "chunked")],
        ["Keep-Alive"] = [.. Get, ("keep-alive", "timeout=5")],
        ["Proxy-Connection"] = [.. Get, ("proxy-connection", "keep-alive")],
        ["Upgrade"] = [.. Get, ("upgrade", "websocket")],
        ["TE other than trailers"] = [.. Get, ("te", "gzip")],
        ["no :method"] = [.. Get[1..]],
        ["no :scheme"] = [Get[0], Get[2], Get[3]],
        ["no :path"] = [.. Get[..3]],
        ["an empty :path"] = [.. Get[..3], (":path", "")],
        ["two :method"] = [.. Get, (":method", "GET")],
        ["two :path"] = [.. Get, (":path", "/b")],
        ["two :authority"] = [.. Get, (":authority", "b.home.test")],
        ["an unknown pseudo header"] = [.. Get, (":unknown", "1")],
        [":status"] = [.. Get, (":status", "200")],
        ["a pseudo header behind another"] = [.. Get[..3], ("x", "1"), Get[3]],
        [":protocol without CONNECT"] = [.. Get, (":protocol", "websocket")],
        ["a :path without a slash"] = [.. Get[..3], (":path", "b")],
        ["a :path with a space"] = [.. Get[..3], (":path", "/a b HTTP/1.1")],
        ["a :path with a line end"] = [.. Get[..3], (":path", "/ HTTP/1.1\r\nX-Injected: 1")],
        ["a :method with a space"] = [(":method", "GET /b"), .. Get[1..]],
        ["a :method with a line end"] = [(":method", "GET / HTTP/1.1\r\n"), .. Get[1..]],
        ["an :authority with a line end"] = [.. Get[..2], (":authority", "app.home.test\r\nX-Injected: 1"), Get[3]],
        ["an :authority with a path"] = [.. Get[..2], (":authority", "app.home.test/x"), Get[3]],
        ["an :authority with a user"] = [.. Get[..2], (":authority", "user@app.home.test"), Get[3]],
        ["no host at all"] = [Get[0], Get[1], Get[3]],
        ["plain CONNECT"] = [(":method", "CONNECT"), (":authority", Name)],
        ["CONNECT with all pseudo headers"] = [(":method", "CONNECT"), .. Get[1..]],
        ["extended CONNECT for no WebSocket"] = [(":method", "CONNECT"), .. Get[1..], (":protocol", "connect-udp")],
    };

    public static TheoryData<string> MalformedNames => [.. Malformed.Keys];

    [Theory]
    [MemberData(nameof(MalformedNames))]
    public async Task A_malformed_request_is_refused_before_any_backend(string what)
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        await client.SendAsync(H2Client.Headers(1, End | EndHeaders, Malformed[what]));
        Assert.True(await IsRefusedAsync(client, 1), "answered");
        Assert.Empty(_backend.Requests);
        await AssertServesAsync(gateway);
    }

    [Fact]
    public async Task A_Host_that_says_other_than_authority_is_refused_or_unheard()
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        await client.SendAsync(H2Client.Get(1, Name, "/", ("host", "b.home.test")));
        await IsRefusedAsync(client, 1);
        Assert.All(_backend.Requests, request => Assert.Equal(Name, request.Head.Value("Host")));
        await AssertServesAsync(gateway);
    }

    public static TheoryData<string, string, string> WrongBodies => new()
    {
        { "longer than its length", "5", "123456" },
        { "shorter than its length", "5", "1234" },
        { "of a negative length", "-1", "" },
    };

    [Theory]
    [MemberData(nameof(WrongBodies))]
    public async Task A_body_that_is_not_of_its_declared_length_is_not_a_request(string what, string length, string body)
    {
        Assert.NotEmpty(what);
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        await client.SendAsync(
            H2Client.Headers(1, EndHeaders, [.. Hpack.Request("POST", Name, "/echo"), ("content-length", length)]),
            new(H2Type.Data, End, 1, System.Text.Encoding.ASCII.GetBytes(body)));
        Assert.True(await IsRefusedAsync(client, 1), "answered");
        Assert.Empty(_backend.Requests);
        await AssertServesAsync(gateway);
    }

    [Fact]
    public async Task A_length_with_a_sign_is_refused_or_told_to_the_backend_as_a_plain_number()
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        await client.SendAsync(
            H2Client.Headers(1, EndHeaders, [.. Hpack.Request("POST", Name, "/echo"), ("content-length", "+5")]), new(H2Type.Data, End, 1, "12345"u8.ToArray()));
        if (await IsRefusedAsync(client, 1))
            return;
        RecordedRequest request = Assert.Single(_backend.Requests);
        Assert.Equal("5", request.Head.Value("Content-Length"));
        Assert.Equal("12345"u8.ToArray(), request.Body);
    }

    [Theory]
    [InlineData(nameof(H2Type.Data))]
    [InlineData(nameof(H2Type.Headers))]
    public async Task What_comes_behind_the_end_of_a_stream_is_an_error(string type)
    {
        using SemaphoreSlim gate = new(0);
        using HttpBackend waiting = HttpBackend.Start("waiting", HttpScripts.Behind(gate.WaitAsync()));
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Offload("app", Name, waiting, TestCertificates.Shared.Authority.Issue(Name)));
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        await client.SendAsync(H2Client.Get(1, Name));
        await waiting.NextAsync();
        await client.SendAsync(type == nameof(H2Type.Data) ? new(H2Type.Data, End, 1, [1]) : H2Client.Get(1, Name));
        H2Frame? frame = await client.ReadUntilAsync(one => one.Type is H2Type.GoAway or H2Type.ResetStream);
        Assert.Contains(frame!.Error, new[] { H2Error.StreamClosed, H2Error.Protocol });
        gate.Release();
        Assert.Single(waiting.Requests);
    }

    [Fact]
    public async Task Trailers_end_a_request_and_may_hold_no_pseudo_header()
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        await client.SendAsync(
            H2Client.Headers(1, EndHeaders, Hpack.Request("POST", Name, "/echo")), new(H2Type.Data, 0, 1, "body"u8.ToArray()),
            H2Client.Headers(1, EndHeaders | End, ("x-sum", "1")));
        Assert.Equal((200, "body"), await client.AnswerAsync(1));
        await client.SendAsync(
            H2Client.Headers(3, EndHeaders, Hpack.Request("POST", Name, "/echo")), new(H2Type.Data, 0, 3, "body"u8.ToArray()),
            H2Client.Headers(3, EndHeaders | End, (":path", "/b")));
        Assert.True(await IsRefusedAsync(client, 3), "answered");
        Assert.Single(_backend.Requests);
    }

    [Fact]
    public async Task More_streams_than_allowed_are_refused_and_the_others_are_answered()
    {
        using SemaphoreSlim gate = new(0);
        using HttpBackend waiting = HttpBackend.Start("waiting", HttpScripts.Behind(gate.WaitAsync()));
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Offload(
            "app", Name, waiting, TestCertificates.Shared.Authority.Issue(Name), ("max-streams", "4")));
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        await client.SendAsync([.. Enumerable.Range(0, 200).Select(number => H2Client.Get((2 * number) + 1, Name))]);
        H2Frame? refusal = await client.ReadUntilAsync(frame => frame.Type is H2Type.ResetStream or H2Type.GoAway);
        Assert.Contains(refusal!.Error, new[] { H2Error.RefusedStream, H2Error.Protocol, H2Error.EnhanceYourCalm });
        Assert.InRange(waiting.Heads, 0, 100);
        gate.Release();
    }

    private static (string Name, string Value)[] Get => Hpack.Request("GET", Name, "/");

    /// <summary>An error of stream or connection, an end, or an answer of 4xx, 501 or 505.</summary>
    private static async Task<bool> IsRefusedAsync(H2Client client, int stream)
    {
        H2Frame? frame = await client.ReadUntilAsync(
            one => (one.Stream == stream && one.Type is H2Type.ResetStream or H2Type.Headers) || one.Type == H2Type.GoAway);
        return frame is not { Type: H2Type.Headers } || Hpack.StatusOf(frame.Payload) is (>= 400 and < 500) or 501 or 505;
    }

    private static async Task AssertServesAsync(Gateway gateway)
    {
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        Assert.Equal(200, await client.AskAsync(1, Name));
        gateway.AssertAlive();
    }

    private Task<Gateway> StartAsync() => Gateway.StartAsync(
        GatewayConfig.Https().Offload("app", Name, _backend, TestCertificates.Shared.Authority.Issue(Name)));
}
