using System.Globalization;
using System.IO.Compression;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>What HTTP backends do.</summary>
internal static class HttpScripts
{
    /// <summary>The seed of every <see cref="Pattern"/> that backends send.</summary>
    public const int Seed = 7;

    /// <summary>A gzip member, which must come through untouched.</summary>
    public static byte[] Gzip { get; } = Compress("a text that a proxy leaves alone\n");

    /// <summary>
    /// The path's first segment says what is wanted: bytes/N, chunked/N, status/N, echo (the body), head (the request's own), gzip, cookies, websocket;
    /// anything else is answered with the backend's name and the target.
    /// </summary>
    public static Task ByPathAsync(HttpCall call)
    {
        string[] words = call.Request.Target.Split('?')[0].Split('/');
        int Number() => int.Parse(words[2], CultureInfo.InvariantCulture);
        return words[1] switch
        {
            "bytes" => call.AnswerAsync(new Pattern(Seed).Bytes(Number()), 200, ("Content-Type", "application/octet-stream")),
            "chunked" => ChunkedAsync(call, new Pattern(Seed).Bytes(Number())),
            "status" => call.AnswerAsync(Number() == 204 ? "" : "words\n", Number(), ("ETag", "\"v1\"")),
            "echo" => call.AnswerAsync(call.Request.Body),
            "head" => call.AnswerAsync(call.Request.Head.Raw),
            "gzip" => call.AnswerAsync(Gzip, 200, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")),
            "cookies" => call.AnswerAsync("", 200, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Path=/")),
            "websocket" => WebSocketAsync(call),
            _ => call.AnswerAsync($"{call.Backend.Name} {call.Request.Target}\n"),
        };
    }

    /// <summary>Waits for the gate before it answers as usual.</summary>
    public static Func<HttpCall, Task> Behind(Task gate) => async call =>
    {
        await gate;
        await ByPathAsync(call);
    };

    private static async Task ChunkedAsync(HttpCall call, byte[] body)
    {
        await call.SendAsync("HTTP/1.1 200 Words\r\nTransfer-Encoding: chunked\r\n\r\n");
        if (call.Request.Method == "HEAD")
            return;
        Random sizes = new(Seed);
        for (int at = 0; at < body.Length;)
        {
            int size = Math.Min(sizes.Next(1, 40_000), body.Length - at);
            await call.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{size:x}\r\n"));
            await call.Stream.WriteAsync((byte[])[.. body[at..(at + size)], .. "\r\n"u8]);
            at += size;
        }
        await call.SendAsync("0\r\n\r\n");
    }

    /// <summary>RFC 6455: accepts, then gives back every message.</summary>
    private static async Task WebSocketAsync(HttpCall call)
    {
        string key = call.Request.Head.Value("Sec-WebSocket-Key");
        // RFC 6455 4.2.2 asks for this hash of the key.
        string accept = Convert.ToBase64String(CryptographicOperations.HashData(
            HashAlgorithmName.SHA1, Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        await call.SendAsync($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
        call.EndsConnection = true;
        using WebSocket socket = WebSocket.CreateFromStream(call.Stream, new WebSocketCreationOptions { IsServer = true });
        byte[] buffer = new byte[65_536];
        try
        {
            while (await socket.ReceiveAsync(buffer, CancellationToken.None) is var got && got.MessageType != WebSocketMessageType.Close)
                await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, CancellationToken.None);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // The client went without a word.
        }
    }

    private static byte[] Compress(string text)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal))
            gzip.Write(Encoding.ASCII.GetBytes(text));
        return packed.ToArray();
    }
}
