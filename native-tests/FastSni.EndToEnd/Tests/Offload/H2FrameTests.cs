using System.Buffers.Binary;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>RFC 9113 frame by frame: what breaks its rules ends the connection with the right word, what it allows is borne.</summary>
public sealed class H2FrameTests : IDisposable
{
    private const string Name = "app.home.test";
    private const int End = H2Frame.EndStream, EndHeaders = H2Frame.EndHeaders;

    private readonly HttpBackend _backend = HttpBackend.Start("app");

    public void Dispose() => _backend.Dispose();

    private static readonly Dictionary<string, (H2Error[] Errors, H2Frame[] Frames)> ConnectionErrors = new()
    {
        ["DATA on stream 0 (6.1)"] = ([H2Error.Protocol], [new(H2Type.Data, 0, 0, [1])]),
        ["DATA on an idle stream (5.1)"] = ([H2Error.Protocol, H2Error.StreamClosed], [new(H2Type.Data, End, 1, [1])]),
        ["DATA longer than the frame size (4.2)"] = ([H2Error.FrameSize], [Post(1), new(H2Type.Data, End, 1, new byte[16_385])]),
        ["DATA padded beyond its end (6.1)"] = ([H2Error.Protocol], [Post(1), new(H2Type.Data, H2Frame.Padded, 1, [9, 1])]),
        ["HEADERS on stream 0 (6.2)"] = ([H2Error.Protocol], [H2Client.Get(0, Name)]),
        ["HEADERS on an even stream (5.1.1)"] = ([H2Error.Protocol], [H2Client.Get(2, Name)]),
        ["HEADERS on a lower stream than before (5.1.1)"] = ([H2Error.Protocol, H2Error.StreamClosed], [H2Client.Get(5, Name), H2Client.Get(3, Name)]),
        ["HEADERS padded beyond their end (6.2)"] = ([H2Error.Protocol], [new(H2Type.Headers, H2Frame.Padded | EndHeaders | End, 1, [99, 0])]),
        // The one the server library answers in its own way; the connection ends all the same.
        ["the index 0 (RFC 7541 6.1)"] = ([H2Error.Compression, H2Error.Internal], [new(H2Type.Headers, EndHeaders | End, 1, [0x80])]),
        ["a literal that is cut (4.3)"] = ([H2Error.Compression], [new(H2Type.Headers, EndHeaders | End, 1, [0x00, 0x0A, 0x61])]),
        ["Huffman code with too much padding (RFC 7541 5.2)"] =
            ([H2Error.Compression], [new(H2Type.Headers, EndHeaders | End, 1, [0x00, 0x81, 0xFF, 0x82, 0xFF, 0xFF])]),
        ["an index beyond the table (RFC 7541 2.3.3)"] = ([H2Error.Compression], [new(H2Type.Headers, EndHeaders | End, 1, [0xFF, 0xFF, 0x7F])]),
        ["a table size above the limit (RFC 7541 6.3)"] = ([H2Error.Compression], [new(H2Type.Headers, EndHeaders | End, 1, [0x3F, 0xFF, 0xFF, 0x7F])]),
        ["another frame within a header block (6.2)"] = ([H2Error.Protocol], [H2Client.Headers(1, End, Hpack.Request("GET", Name, "/")), Ping]),
        ["another stream's CONTINUATION (6.10)"] =
            ([H2Error.Protocol], [H2Client.Headers(1, End, Hpack.Request("GET", Name, "/")), new(H2Type.Continuation, EndHeaders, 3, [])]),
        ["an unknown frame within a header block (5.5)"] =
            ([H2Error.Protocol], [H2Client.Headers(1, End, Hpack.Request("GET", Name, "/")), new(H2Type.Unknown, 0, 1, [])]),
        ["CONTINUATION without HEADERS (6.10)"] = ([H2Error.Protocol], [new(H2Type.Continuation, EndHeaders, 1, [])]),
        ["CONTINUATION behind END_HEADERS (6.10)"] = ([H2Error.Protocol], [Post(1), new(H2Type.Continuation, EndHeaders, 1, [])]),
        ["PRIORITY on stream 0 (6.3)"] = ([H2Error.Protocol], [new(H2Type.Priority, 0, 0, new byte[5])]),
        ["RST_STREAM on stream 0 (6.4)"] = ([H2Error.Protocol], [H2Client.Number(H2Type.ResetStream, 0, 8)]),
        ["RST_STREAM on an idle stream (6.4)"] = ([H2Error.Protocol], [H2Client.Number(H2Type.ResetStream, 1, 8)]),
        ["RST_STREAM of a wrong length (6.4)"] = ([H2Error.FrameSize], [Post(1), new(H2Type.ResetStream, 0, 1, [8])]),
        ["SETTINGS on a stream (6.5)"] = ([H2Error.Protocol], [new(H2Type.Settings, 0, 1, [])]),
        ["SETTINGS of a wrong length (6.5)"] = ([H2Error.FrameSize], [new(H2Type.Settings, 0, 0, [0, 3, 0])]),
        ["an acknowledgement with content (6.5)"] = ([H2Error.FrameSize], [new(H2Type.Settings, H2Frame.Ack, 0, new byte[6])]),
        ["ENABLE_PUSH of 2 (6.5.2)"] = ([H2Error.Protocol], [H2Client.Settings((2, 2))]),
        ["INITIAL_WINDOW_SIZE of 2^31 (6.5.2)"] = ([H2Error.FlowControl], [H2Client.Settings((4, int.MinValue))]),
        ["MAX_FRAME_SIZE of 1 (6.5.2)"] = ([H2Error.Protocol], [H2Client.Settings((5, 1))]),
        ["MAX_FRAME_SIZE of 2^24 (6.5.2)"] = ([H2Error.Protocol], [H2Client.Settings((5, 1 << 24))]),
        ["PUSH_PROMISE of a client (8.4)"] = ([H2Error.Protocol], [new(H2Type.PushPromise, EndHeaders, 1, new byte[4])]),
        ["PING on a stream (6.7)"] = ([H2Error.Protocol], [Ping with { Stream = 1 }]),
        ["PING of a wrong length (6.7)"] = ([H2Error.FrameSize], [new(H2Type.Ping, 0, 0, new byte[7])]),
        ["GOAWAY on a stream (6.8)"] = ([H2Error.Protocol], [new(H2Type.GoAway, 0, 1, new byte[8])]),
        ["WINDOW_UPDATE of 0 (6.9)"] = ([H2Error.Protocol], [H2Client.Number(H2Type.WindowUpdate, 0, 0)]),
        ["WINDOW_UPDATE beyond 2^31-1 (6.9.1)"] = ([H2Error.FlowControl], [H2Client.Number(H2Type.WindowUpdate, 0, int.MaxValue)]),
        ["WINDOW_UPDATE of a wrong length (6.9)"] = ([H2Error.FrameSize], [new(H2Type.WindowUpdate, 0, 0, new byte[3])]),
        ["WINDOW_UPDATE on an idle stream (5.1)"] = ([H2Error.Protocol], [H2Client.Number(H2Type.WindowUpdate, 1, 1)]),
    };

    public static TheoryData<string> ConnectionErrorNames => [.. ConnectionErrors.Keys];

    [Theory]
    [MemberData(nameof(ConnectionErrorNames))]
    public async Task A_connection_error_is_told_by_GOAWAY_and_ends_the_connection(string what)
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        (H2Error[] errors, H2Frame[] frames) = ConnectionErrors[what];
        await client.SendAsync(frames);
        H2Frame? goAway = await client.ReadUntilAsync(frame => frame.Type == H2Type.GoAway && frame.Error != H2Error.None);
        Assert.NotNull(goAway);
        Assert.Contains(goAway.Error, errors);
        Assert.Null(await client.ReadUntilAsync(_ => false));
        await AssertServesAsync(gateway);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: app.home.test\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nno SETTINGS behind it")]
    public async Task A_wrong_preface_ends_the_connection(string preface)
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectBareAsync(gateway.Https, Name);
        await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(preface));
        Assert.Null(await client.ReadUntilAsync(_ => false));
        Assert.Empty(_backend.Requests);
        await AssertServesAsync(gateway);
    }

    [Fact]
    public async Task Settings_come_first_and_are_acknowledged_and_a_ping_comes_back()
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        H2Frame? first = await client.ReadAsync();
        Assert.True(first is { Type: H2Type.Settings, Flags: 0, Stream: 0 });
        Assert.NotNull(await client.ReadUntilAsync(frame => frame is { Type: H2Type.Settings, Flags: H2Frame.Ack }));
        await client.SendAsync(Ping);
        H2Frame? pong = await client.ReadUntilAsync(frame => frame.Type == H2Type.Ping);
        Assert.Equal((H2Frame.Ack, Convert.ToHexString(Ping.Payload)), (pong!.Flags, Convert.ToHexString(pong.Payload)));
    }

    [Fact]
    public async Task The_limit_of_streams_and_of_headers_is_announced()
    {
        await using Gateway gateway = await StartAsync(("max-streams", "7"), ("max-header-size", "16k"));
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        byte[] payload = (await client.ReadAsync())!.Payload;
        Dictionary<int, int> settings = Enumerable.Range(0, payload.Length / 6).ToDictionary(
            pair => (int)BinaryPrimitives.ReadInt16BigEndian(payload.AsSpan(6 * pair)), pair => BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan((6 * pair) + 2)));
        Assert.InRange(settings[3], 1, 1000);
        Assert.InRange(settings[6], 1, 1 << 20);
    }

    [Fact]
    public async Task What_an_endpoint_must_ignore_is_ignored()
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name, (0x99, 5));
        await client.SendAsync(
            new(H2Type.Unknown, 255, 0, [1, 2, 3]), new(H2Type.Unknown, 255, 9, []), new(H2Type.Priority, 0, 7, [0, 0, 0, 0, 1]), Ping with { Flags = 0xFE });
        Assert.Equal(200, await client.AskAsync(11, Name));
    }

    [Fact]
    public async Task Padding_priority_and_continuation_change_nothing()
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        byte[] block = Hpack.Encode([.. Hpack.Request("POST", Name, "/echo")]);
        await client.SendAsync(
            new(H2Type.Headers, H2Frame.Padded | H2Frame.WithPriority, 1, [4, 0, 0, 0, 0, 5, .. block[..10], 0, 0, 0, 0]),
            new(H2Type.Continuation, 0, 1, block[10..11]),
            new(H2Type.Continuation, 0, 1, []),
            new(H2Type.Continuation, EndHeaders, 1, block[11..]),
            new(H2Type.Data, H2Frame.Padded, 1, [3, .. "he"u8, 0, 0, 0]),
            new(H2Type.Data, 0, 1, []),
            new(H2Type.Data, H2Frame.Padded | End, 1, [0, .. "llo"u8]));
        Assert.Equal((200, "hello"), await client.AnswerAsync(1));
        Assert.Equal("hello"u8.ToArray(), Assert.Single(_backend.Requests).Body);
    }

    [Fact]
    public async Task The_clients_window_is_kept_to_the_byte()
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name, (4, 3));
        await client.SendAsync(H2Client.Get(1, Name, "/bytes/10"));
        H2Frame? first = await client.ReadUntilAsync(frame => frame.Type == H2Type.Data);
        Assert.Equal(3, first!.Payload.Length);
        // Nothing more until the window opens: a ping's reply comes without data before it.
        await client.SendAsync(Ping);
        Assert.Equal(H2Type.Ping, (await client.ReadUntilAsync(frame => frame.Type is H2Type.Data or H2Type.Ping))!.Type);
        await client.SendAsync(H2Client.Number(H2Type.WindowUpdate, 1, 1));
        Assert.Single((await client.ReadUntilAsync(frame => frame.Type == H2Type.Data))!.Payload);
        await client.SendAsync(H2Client.Number(H2Type.WindowUpdate, 1, 100));
        (int _, string rest) = await client.AnswerAsync(1);
        Assert.Equal(6, rest.Length);
    }

    [Fact]
    public async Task The_gateways_window_may_not_be_overrun()
    {
        // Its backend never reads, so that nothing of the body can go on once the sockets between are full.
        using TestBackend deaf = TestBackend.Start("deaf", Scripts.HoldAsync, proxy: false);
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Offload("app", Name, $"http://{deaf.Address}", TestCertificates.Shared.Authority.Issue(Name)));
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        H2Frame full = new(H2Type.Data, 0, 1, new byte[16_384]);
        await client.SendAsync(Post(1));
        for (int number = 0; number < 4096 && await client.TrySendAsync(full.Bytes); number++)
        {
        }
        H2Frame? end = await client.ReadUntilAsync(frame => frame.Type is H2Type.GoAway or H2Type.ResetStream);
        Assert.True(end is null || end.Error == H2Error.FlowControl, $"{end?.Type} {(end is null ? "" : $"{end.Error}")}");
    }

    private static H2Frame Ping => new(H2Type.Ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]);

    /// <summary>The head of a request whose body is to follow.</summary>
    private static H2Frame Post(int stream) => H2Client.Headers(stream, EndHeaders, Hpack.Request("POST", Name, "/echo"));

    private static async Task AssertServesAsync(Gateway gateway)
    {
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        Assert.Equal(200, await client.AskAsync(1, Name));
        gateway.AssertAlive();
    }

    private Task<Gateway> StartAsync(params (string Key, string Value)[] more) => Gateway.StartAsync(
        GatewayConfig.Https().Offload("app", Name, _backend, TestCertificates.Shared.Authority.Issue(Name), more));
}
