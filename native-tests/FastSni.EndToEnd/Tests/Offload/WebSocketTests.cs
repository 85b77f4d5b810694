using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>WebSockets through the offload room, and what only looks like one.</summary>
public sealed class WebSocketTests : IDisposable
{
    private const string Name = "app.home.test";

    private readonly HttpBackend _backend = HttpBackend.Start("app");

    public void Dispose() => _backend.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Ten_megabytes_in_messages_of_every_size_come_back_as_they_went(int httpVersion)
    {
        await using Gateway gateway = await StartAsync();
        using ClientWebSocket socket = await ConnectAsync(gateway, httpVersion);
        Random sizes = new(5);
        Pattern pattern = new(9);
        int total = Scale.Of(2 << 20, 10 << 20);
        for (int at = 0; at < total;)
        {
            byte[] message = new byte[sizes.Next(1, 100_000)];
            pattern.Fill(at, message);
            Task sending = SendInPiecesAsync(socket, message, sizes.Next(1, 5));
            byte[] back = await ReceiveAsync(socket, message.Length);
            await sending;
            Assert.Equal(-1, pattern.FirstDifference(at, back));
            at += message.Length;
        }
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None).Within("the closing handshake");
        Assert.Equal(WebSocketState.Closed, socket.State);
        RecordedRequest request = Assert.Single(_backend.Requests);
        Assert.Equal(("GET", "websocket", "Upgrade"), (request.Method, request.Head.Value("Upgrade"), request.Head.Value("Connection")));
        Assert.Equal("127", request.Head.Value("X-Forwarded-For").Split('.')[0]);
        RequestLogLine line = Assert.Single(await RequestLinesAsync(gateway));
        Assert.Equal(("/websocket", httpVersion == 1 ? 101 : 200), (line.Path, line.Status));
        _backend.AssertNoFaults();
    }

    [Fact]
    public async Task A_silent_web_socket_stays_open_while_others_talk()
    {
        await using Gateway gateway = await StartAsync();
        using ClientWebSocket silent = await ConnectAsync(gateway, 1), talking = await ConnectAsync(gateway, 2);
        for (int round = 0; round < 20; round++)
        {
            await talking.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
            Assert.Equal("hello"u8.ToArray(), await ReceiveAsync(talking, 5));
        }
        await silent.SendAsync("still"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        Assert.Equal("still"u8.ToArray(), await ReceiveAsync(silent, 5));
    }

    [Fact]
    public async Task An_upgrade_that_the_backend_answers_200_is_no_tunnel()
    {
        using HttpBackend refusing = HttpBackend.Start("refusing", call => call.AnswerAsync("no tunnel here\n"));
        await using Gateway gateway = await StartAsync(refusing);
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        await client.SendAsync($"GET /a {UpgradeTail("websocket")}");
        Assert.Equal((200, "no tunnel here\n"), await AnswerAsync(client));
        // What follows is a request again, judged like any other; were there a tunnel, the backend would see it as it is.
        await client.SendAsync($"GET /b HTTP/1.1\r\nHost: {Name}\r\nX-Forwarded-For: 203.0.113.66\r\n\r\n");
        Exception? end = await Record.ExceptionAsync(() => client.ReadAsync());
        Assert.True(end is null or IOException, $"{end}");
        Assert.All(refusing.Requests, request => Assert.DoesNotContain("203.0.113.66", request.Head.Raw, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")]
    [InlineData("TLS/1.0")]
    [InlineData("h2c, websocket-not")]
    public async Task Other_upgrades_do_not_reach_the_backend_as_such(string protocol)
    {
        await using Gateway gateway = await StartAsync();
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        await client.SendAsync($"GET /a {UpgradeTail(protocol)}");
        HttpAnswer answer = await client.ReadAsync();
        Assert.NotEqual(101, answer.Status);
        Assert.All(_backend.Requests, request =>
        {
            Assert.False(request.Head.Has("HTTP2-Settings"));
            Assert.DoesNotContain("h2c", string.Concat(request.Head.Values("Upgrade")), StringComparison.OrdinalIgnoreCase);
        });
    }

    [Theory]
    [InlineData("CONNECT app.home.test:443 HTTP/1.1\r\nHost: app.home.test:443\r\n\r\n")]
    [InlineData("CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: app.home.test\r\n\r\n")]
    [InlineData("CONNECT / HTTP/1.1\r\nHost: app.home.test\r\n\r\n")]
    public async Task CONNECT_is_refused(string request)
    {
        await using Gateway gateway = await StartAsync();
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        await client.SendAsync(request);
        Assert.InRange((await client.ReadAsync("CONNECT")).Status, 400, 599);
        Assert.Empty(_backend.Requests);
    }

    private static string UpgradeTail(string protocol) =>
        $"HTTP/1.1\r\nHost: {Name}\r\nConnection: Upgrade, HTTP2-Settings\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUpgrade: {protocol}\r\n\r\n";

    private static async Task<(int Status, string Text)> AnswerAsync(TlsClient client)
    {
        HttpAnswer answer = await client.ReadAsync();
        return (answer.Status, answer.Text);
    }

    private static async Task<IReadOnlyList<RequestLogLine>> RequestLinesAsync(Gateway gateway)
    {
        await Patience.UntilAsync(() => gateway.AccessLog.Requests.Count > 0, () => "the request's line");
        return gateway.AccessLog.Requests;
    }

    private static async Task<ClientWebSocket> ConnectAsync(Gateway gateway, int httpVersion)
    {
        ClientWebSocket socket = new();
        socket.Options.HttpVersion = new Version(httpVersion, httpVersion == 1 ? 1 : 0);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, stop) =>
            {
                Socket raw = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await raw.ConnectAsync(gateway.Https, stop);
                return new NetworkStream(raw, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = Name,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            },
        };
        Uri address = new($"wss://{Name}/websocket");
        await socket.ConnectAsync(address, new HttpMessageInvoker(handler), CancellationToken.None).Within("the WebSocket to open");
        return socket;
    }

    private static async Task SendInPiecesAsync(ClientWebSocket socket, byte[] message, int pieces)
    {
        int size = (message.Length / pieces) + 1;
        for (int at = 0; at < message.Length; at += size)
        {
            int count = Math.Min(size, message.Length - at);
            await socket.SendAsync(message.AsMemory(at, count), WebSocketMessageType.Binary, at + count == message.Length, CancellationToken.None);
        }
    }

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int done = 0; done < count;)
            done += (await socket.ReceiveAsync(bytes.AsMemory(done), CancellationToken.None).AsTask().Within("a message")).Count;
        return bytes;
    }

    private Task<Gateway> StartAsync(HttpBackend? backend = null) => Gateway.StartAsync(
        GatewayConfig.Https(workers: 2).Offload("app", Name, backend ?? _backend, TestCertificates.Shared.Authority.Issue(Name)));
}
