using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>WebSockets through both rooms, and what only looks like one.</summary>
public sealed class WebSocketTests
{
    private const int BulkBytes = 10 * 1024 * 1024;
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    [Theory]
    [InlineData("Offload", 1)]
    [InlineData("Offload", 2)]
    [InlineData("Plain", 1)]
    public async Task Ten_megabytes_go_both_ways_at_once_and_the_close_handshake_is_passed_on(string room, int version)
    {
        WebSocketCloseStatus? heard = null;
        using WireBackend backend = WireBackend.Start(exchange => AcceptAsync(exchange, async socket => heard = await EchoAsync(socket)));
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        using ClientWebSocket client = await ConnectAsync(gateway, Enum.Parse<HttpRoom>(room), version);
        Pattern pattern = new(7);
        Task sending = SendAsync(client, pattern);
        byte[] buffer = new byte[50_000];
        long received = 0;
        while (received < BulkBytes)
        {
            ValueWebSocketReceiveResult part = await client.ReceiveAsync(buffer.AsMemory(), Limit()).AsTask().Within("an echo");
            Assert.Equal(WebSocketMessageType.Binary, part.MessageType);
            Assert.Equal(-1, pattern.FirstDifference(received, buffer.AsSpan(0, part.Count)));
            received += part.Count;
        }
        await sending;
        Assert.Equal(BulkBytes, received);
        await client.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "bye", Limit());
        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "bye"), (client.CloseStatus, client.CloseStatusDescription));
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, heard);
        WireRequest request = Assert.Single(backend.Requests);
        Assert.Equal(("GET", "13", "websocket"), (request.Method, request["sec-websocket-version"], request["upgrade"]));
        Assert.NotNull(request["x-real-ip"]);
    }

    [Theory]
    [InlineData("Offload", 1)]
    [InlineData("Offload", 2)]
    [InlineData("Plain", 1)]
    public async Task A_socket_may_be_quiet_for_longer_than_a_slow_body_may(string room, int version)
    {
        using WireBackend backend = WireBackend.Start(exchange => AcceptAsync(exchange, EchoAsync));
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        using ClientWebSocket client = await ConnectAsync(gateway, Enum.Parse<HttpRoom>(room), version);
        byte[] answer = new byte[1];
        for (byte turn = 1; turn <= 2; turn++)
        {
            await client.SendAsync(new[] { turn }, WebSocketMessageType.Binary, true, Limit());
            await client.ReceiveAsync(answer.AsMemory(), Limit());
            Assert.Equal(turn, answer[0]);
            await Task.Delay(TimeSpan.FromSeconds(turn == 1 ? 8 : 0));
        }
    }

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task Frames_pass_untouched_in_both_directions_pings_among_them(string room)
    {
        HttpRoom where = Enum.Parse<HttpRoom>(room);
        byte[] ping = [0x89, 0x84, 1, 2, 3, 4, 5, 6, 7, 8], pong = [0x8A, 0x04, 4, 4, 4, 12];
        byte[] met = new byte[ping.Length];
        using WireBackend backend = WireBackend.Start(exchange => AcceptRawAsync(exchange, async stream =>
        {
            await stream.ReadExactlyAsync(met);
            await stream.WriteAsync(pong);
            await stream.CopyToAsync(Stream.Null);
        }));
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        using WireClient client = await gateway.EnterAsync(where);
        Assert.Equal(101, (await client.GetAsync(HttpRooms.NameIn(where), "/", Upgrade)).Status);
        foreach (byte one in ping)
            await client.SendAsync(new[] { one });
        Assert.Equal(pong, await ReadAsync(client, pong.Length));
        Assert.Equal(ping, met);
    }

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task Bytes_sent_along_with_the_request_or_the_101_are_not_lost(string room)
    {
        HttpRoom where = Enum.Parse<HttpRoom>(room);
        byte[] early = new byte[5];
        using WireBackend backend = WireBackend.Start(exchange => exchange.TunnelAsync(async stream =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(SwitchText(exchange.Request) + "early answer"));
            exchange.Connection.Unread.CopyTo(early);
            await stream.ReadExactlyAsync(early.AsMemory(exchange.Connection.Unread.Length));
            await stream.WriteAsync("done"u8.ToArray());
        }));
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        using WireClient client = await gateway.EnterAsync(where);
        WireResponse response = await client.AskAsync($"GET / HTTP/1.1\r\nHost: {HttpRooms.NameIn(where)}\r\n{Upgrade}\r\nhello");
        Assert.Equal(101, response.Status);
        Assert.Equal("early answerdone", Encoding.ASCII.GetString(await ReadAsync(client, 16)));
        Assert.Equal("hello"u8.ToArray(), early);
    }

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task An_ordinary_answer_to_an_upgrade_opens_no_tunnel(string room)
    {
        HttpRoom where = Enum.Parse<HttpRoom>(room);
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        using WireClient client = await gateway.EnterAsync(where);
        WireResponse response = await client.GetAsync(HttpRooms.NameIn(where), "/", Upgrade);
        Assert.Equal((200, 1), (response.Status, response.Seen));
        // In a tunnel this would go to the backend as it is, and not as a host that gets 400.
        await client.TrySendAsync("GET /smuggled HTTP/1.1\r\nHost: not a host\r\n\r\n"u8.ToArray());
        WireResponse? next = await client.Responses.ReadAsync();
        Assert.True(next is null or { Status: 400 }, next?.Text);
        Assert.Single(backend.Requests);
        backend.AssertWellFormed();
    }

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task A_101_for_another_protocol_than_was_asked_for_is_a_bad_answer(string room)
    {
        HttpRoom where = Enum.Parse<HttpRoom>(room);
        using WireBackend backend = WireBackend.Saying("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n");
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        using WireClient client = await gateway.EnterAsync(where);
        Assert.Equal(502, (await client.GetAsync(HttpRooms.NameIn(where), "/", Upgrade)).Status);
        Assert.Equal(502, (await gateway.GetAsync(where)).Status);
    }

    [Theory]
    [InlineData("Offload", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n")]
    [InlineData("Plain", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n")]
    [InlineData("Plain", "Connection: Upgrade\r\nUpgrade: websocket, h2c\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")]
    [InlineData("Offload", "Upgrade: h2c\r\n")]
    public async Task An_upgrade_to_h2c_never_reaches_the_backend(string room, string headers)
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        await gateway.GetAsync(Enum.Parse<HttpRoom>(room), "/", headers);
        foreach (WireRequest request in backend.Requests)
        {
            Assert.DoesNotContain("h2c", request["upgrade"] ?? "", StringComparison.OrdinalIgnoreCase);
            Assert.Null(request["http2-settings"]);
        }
    }

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task A_client_that_resets_its_tunnel_ends_the_backends(string room)
    {
        HttpRoom where = Enum.Parse<HttpRoom>(room);
        TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using WireBackend backend = WireBackend.Start(exchange => AcceptRawAsync(exchange, async stream =>
        {
            try
            {
                await stream.CopyToAsync(Stream.Null);
            }
            finally
            {
                over.SetResult();
            }
        }));
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        using (WireClient client = await gateway.EnterAsync(where))
        {
            Assert.Equal(101, (await client.GetAsync(HttpRooms.NameIn(where), "/", Upgrade)).Status);
            client.Socket.Abort();
        }
        await over.Task.Within("the backend's end of the tunnel");
    }

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task A_backend_that_ends_its_tunnel_ends_the_clients_behind_its_last_byte(string room)
    {
        HttpRoom where = Enum.Parse<HttpRoom>(room);
        using WireBackend backend = WireBackend.Start(exchange => AcceptRawAsync(exchange, stream => stream.WriteAsync(new Pattern(5).Bytes(500_000)).AsTask()));
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        using WireClient client = await gateway.EnterAsync(where);
        Assert.Equal(101, (await client.GetAsync(HttpRooms.NameIn(where), "/", Upgrade)).Status);
        Assert.Equal(new Pattern(5).Bytes(500_000), await ReadAsync(client, 500_001));
        Assert.Equal(Ending.Fin, client.Responses.Ending);
    }

    private static async Task<ClientWebSocket> ConnectAsync(Gateway gateway, HttpRoom room, int version)
    {
        ClientWebSocket client = new();
        client.Options.HttpVersion = new Version(version, version == 1 ? 1 : 0);
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        IPEndPoint door = room == HttpRoom.Offload ? gateway.Https : gateway.Config.EndPoint("http");
        Uri uri = new($"{(room == HttpRoom.Offload ? "wss" : "ws")}://{HttpRooms.NameIn(room)}:{door.Port}/socket");
        HttpMessageInvoker invoker = new(HttpDoor.Handler(door));
        await client.ConnectAsync(uri, invoker, Limit());
        return client;
    }

    private static async Task SendAsync(ClientWebSocket client, Pattern pattern)
    {
        Random sizes = new(11);
        byte[] buffer = new byte[70_000];
        for (int sent = 0; sent < BulkBytes;)
        {
            int size = Math.Min(BulkBytes - sent, sizes.Next(1, buffer.Length));
            pattern.Fill(sent, buffer.AsSpan(0, size));
            sent += size;
            await client.SendAsync(buffer.AsMemory(0, size), WebSocketMessageType.Binary, sent == BulkBytes || sizes.Next(3) == 0, Limit());
        }
    }

    private static async Task<WebSocketCloseStatus?> EchoAsync(WebSocket socket)
    {
        byte[] buffer = new byte[65_536];
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(), Limit());
            if (part.MessageType == WebSocketMessageType.Close)
                break;
            await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, Limit());
        }
        await socket.CloseOutputAsync(socket.CloseStatus!.Value, socket.CloseStatusDescription, Limit());
        return socket.CloseStatus;
    }

    private static Task AcceptAsync(WireExchange exchange, Func<WebSocket, Task> talk) => AcceptRawAsync(exchange, async stream =>
    {
        using WebSocket socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        await talk(socket);
    });

    private static Task AcceptRawAsync(WireExchange exchange, Func<Stream, Task> talk) => exchange.TunnelAsync(async stream =>
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(SwitchText(exchange.Request)));
        await talk(stream);
    });

    private static string SwitchText(WireRequest request) => "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + $"Sec-WebSocket-Accept: {Accept(request["sec-websocket-key"] ?? "")}\r\n\r\n";

    // RFC 6455 4.2.2: SHA-1 is what the protocol asks for.
    private static string Accept(string key)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    private static async Task<byte[]> ReadAsync(WireClient client, int count)
    {
        byte[] bytes = new byte[count];
        int done = 0;
        while (done < count && await client.Responses.ReadBytesAsync(bytes.AsMemory(done)) is int part and > 0)
            done += part;
        return bytes[..done];
    }

    private static CancellationToken Limit() => new CancellationTokenSource(Patience.BulkLimit).Token;
}
