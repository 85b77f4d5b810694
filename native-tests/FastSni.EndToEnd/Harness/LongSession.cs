using System.Net;
using System.Net.WebSockets;

namespace FastSni.EndToEnd.Harness;

/// <summary>A session that is passed through to an echoing backend and stays.</summary>
internal sealed class LongSession : IDisposable
{
    private LongSession(TestClient client) => Client = client;

    public TestClient Client { get; }

    public static async Task<LongSession> OpenAsync(IPEndPoint listener, string name, IPAddress? from = null)
    {
        TestClient client = await TestClient.ConnectAsync(listener, from);
        byte[] hello = HelloBytes.For(name);
        await client.SendAsync(hello);
        Assert.Equal(hello, await client.ReceiveExactlyAsync(hello.Length));
        return new LongSession(client);
    }

    /// <summary>A word there and back.</summary>
    public async Task TalkAsync()
    {
        await Client.SendAsync("still here");
        Assert.Equal("still here"u8.ToArray(), await Client.ReceiveExactlyAsync(10));
    }

    public void Dispose() => Client.Dispose();
}

/// <summary>A WebSocket through the offload room to <see cref="HttpScripts.ByPathAsync"/>.</summary>
internal sealed class LongWebSocket : IDisposable
{
    private readonly TlsClient _client;
    private readonly WebSocket _socket;

    private LongWebSocket(TlsClient client, WebSocket socket) => (_client, _socket) = (client, socket);

    public static async Task<LongWebSocket> OpenAsync(IPEndPoint listener, string name)
    {
        TlsClient client = await TlsClient.ConnectAsync(listener, name);
        await client.SendAsync(
            $"GET /websocket HTTP/1.1\r\nHost: {name}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        // The head alone: what follows is the tunnel's.
        List<byte> head = [];
        byte[] one = new byte[1];
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()) && await client.Tls.ReadAsync(one).AsTask().Within("a 101") == 1)
            head.Add(one[0]);
        Assert.StartsWith("HTTP/1.1 101 ", System.Text.Encoding.Latin1.GetString([.. head]), StringComparison.Ordinal);
        return new LongWebSocket(client, WebSocket.CreateFromStream(client.Tls, new WebSocketCreationOptions { IsServer = false }));
    }

    public async Task TalkAsync()
    {
        using CancellationTokenSource limit = new(Patience.Limit);
        await _socket.SendAsync("still here"u8.ToArray(), WebSocketMessageType.Text, true, limit.Token);
        byte[] back = new byte[16];
        int count = (await _socket.ReceiveAsync(back.AsMemory(), limit.Token)).Count;
        Assert.Equal("still here"u8.ToArray(), back[..count]);
    }

    /// <summary>The gateway has closed it, in whatever way.</summary>
    public async Task<bool> EndsAsync()
    {
        using CancellationTokenSource limit = new(Patience.Limit);
        try
        {
            return (await _socket.ReceiveAsync(new byte[16].AsMemory(), limit.Token)).MessageType == WebSocketMessageType.Close;
        }
        catch (WebSocketException)
        {
            return true;
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _client.Socket.Dispose();
    }
}
