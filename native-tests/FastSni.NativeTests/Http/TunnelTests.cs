using System.Net;
using System.Net.Sockets;
using FastSni.Http;
using FastSni.NativeTests.Support;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace FastSni.NativeTests.Http;

/// <summary>Requests that ask for a tunnel.</summary>
public class TunnelTests
{
    private const string Ask = "GET /chat HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    private const string Switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    [Fact]
    public async Task A_101_makes_a_tunnel_that_carries_bytes_both_ways_and_ends_with_the_server()
    {
        string head = "";
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            head = await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync(Switch + "hi");
            for (int i = 0; i < 20; i++)
                await socket.SendTextAsync(await HttpText.ReadUntilAsync(socket, "!"));
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using Socket client = front.Connect();
        await client.SendTextAsync(Ask);
        string answer = await HttpText.ReadUntilAsync(client, "hi");
        Assert.StartsWith("HTTP/1.1 101 Switching Protocols\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nUpgrade: websocket\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", head, StringComparison.Ordinal);
        for (int i = 0; i < 20; i++)
        {
            string message = new string((char)('a' + i), 1 << i % 16) + "!";
            await client.SendTextAsync(message);
            Assert.Equal(message, await HttpText.ReadUntilAsync(client, "!"));
        }
        Assert.Equal("", await HttpText.ReadToEndAsync(client));
    }

    [Fact]
    public async Task The_clients_end_reaches_the_server_as_an_end()
    {
        TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync(Switch);
            ended.SetResult(await HttpText.ReadToEndAsync(socket));
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using Socket client = front.Connect();
        await client.SendTextAsync(Ask);
        await HttpText.ReadHeadAsync(client);
        await client.SendTextAsync("bye");
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("bye", await ended.Task.WaitAsync(Loopback.Patience));
    }

    [Fact]
    public async Task A_client_that_resets_its_tunnel_is_no_bad_answer_of_the_server()
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync(Switch);
            await HttpText.ReadToEndAsync(socket);
            ended.SetResult();
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        TaskCompletionSource isForwarded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        front.Frame = async (_, forward) =>
        {
            await forward();
            isForwarded.SetResult();
        };
        using (Socket client = front.Connect())
        {
            await client.SendTextAsync(Ask);
            await HttpText.ReadHeadAsync(client);
            client.LingerState = new LingerOption(true, 0);
        }
        await ended.Task.WaitAsync(Loopback.Patience);
        await isForwarded.Task.WaitAsync(Loopback.Patience);
        Assert.DoesNotContain(front.Log.Lines, line => line.Contains("can't be used", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_reads_from_the_client_any_more_when_a_tunnel_has_ended(bool isReset)
    {
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync(Switch);
            if (isReset)
                socket.LingerState = new LingerOption(true, 0);
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        TaskCompletionSource<int> readsLeft = new(TaskCreationOptions.RunContinuationsAsynchronously);
        front.Frame = async (exchange, forward) =>
        {
            WatchedUpgrade upgrade = new(exchange.Features.GetRequiredFeature<IHttpUpgradeFeature>());
            exchange.Features.Set<IHttpUpgradeFeature>(upgrade);
            await forward();
            readsLeft.SetResult(upgrade.Stream!.Reads);
        };
        using Socket client = front.Connect();
        await client.SendTextAsync(Ask);
        await HttpText.ReadToEndAsync(client);
        Assert.Equal(0, await readsLeft.Task.WaitAsync(Loopback.Patience));
    }

    [Fact]
    public async Task An_ordinary_answer_to_an_upgrade_is_no_tunnel()
    {
        using RawBackend backend = RawBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno");
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using Socket client = front.Connect();
        await client.SendTextAsync(Ask);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await HttpText.ReadUntilAsync(client, "\r\n\r\nno"), StringComparison.Ordinal);
        await client.SendTextAsync("no HTTP\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400", await HttpText.ReadToEndAsync(client), StringComparison.Ordinal);
        Assert.Equal(1, backend.Connections);
    }

    [Theory]
    [InlineData("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n")]
    [InlineData("Connection: Upgrade\r\nUpgrade: TLS/1.2, HTTP/1.1\r\n")]
    [InlineData("Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n")]
    [InlineData("Upgrade: websocket\r\n")]
    public async Task Other_upgrades_go_on_as_ordinary_requests(string headers)
    {
        string head = "";
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            head = await HttpText.ReadHeadAsync(socket);
            await socket.SendTextAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using Socket client = front.Connect();
        await client.SendTextAsync("GET / HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n");
        Assert.EndsWith("ok", await HttpText.ReadUntilAsync(client, "ok"), StringComparison.Ordinal);
        Assert.DoesNotContain("Upgrade", head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("HTTP2-Settings", head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_switch_to_another_protocol_than_asked_for_is_answered_502()
    {
        using RawBackend backend = RawBackend.Answering("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n");
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using Socket client = front.Connect();
        await client.SendTextAsync(Ask);
        Assert.StartsWith("HTTP/1.1 502", await HttpText.ReadHeadAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CONNECT_reaches_no_server()
    {
        using RawBackend backend = RawBackend.Answering("HTTP/1.1 200 OK\r\n\r\n");
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        string answer = await front.AskAsync("CONNECT test:443 HTTP/1.1\r\nHost: test:443\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 405", answer, StringComparison.Ordinal);
        Assert.Equal(0, backend.Connections);
    }

    [Theory]
    [InlineData("101 Switching Protocols", true)]
    [InlineData("101 Switching Protocols", false)]
    [InlineData("200 OK", true)]
    public async Task A_WebSocket_of_HTTP2_becomes_a_handshake_of_HTTP1_whose_proof_is_checked(string status, bool isProven)
    {
        string head = "";
        using RawBackend backend = RawBackend.Start(async socket =>
        {
            head = await HttpText.ReadHeadAsync(socket);
            string key = head.Split("\r\n").Single(line => line.StartsWith("Sec-WebSocket-Key: ", StringComparison.Ordinal))["Sec-WebSocket-Key: ".Length..];
            string accept = Tunnel.AcceptOf(isProven ? key : "another");
            await socket.SendTextAsync($"HTTP/1.1 {status}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
            await socket.SendTextAsync(await HttpText.ReadUntilAsync(socket, "!"));
        });
        await using HttpFront front = await HttpFront.StartAsync(backend.Address);
        using SocketsHttpHandler handler = new();
        using HttpMessageInvoker invoker = new(handler);
        using HttpRequestMessage request = new(HttpMethod.Connect, $"http://{front.Http2Address}/chat")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Protocol = "websocket";
        using CancellationTokenSource patience = new(Loopback.Patience);
        using HttpResponseMessage response = await invoker.SendAsync(request, patience.Token);
        Assert.StartsWith("GET /chat HTTP/1.1\r\n", head, StringComparison.Ordinal);
        bool isGood = isProven && status.StartsWith("101", StringComparison.Ordinal);
        Assert.Equal(isGood ? HttpStatusCode.OK : HttpStatusCode.BadGateway, response.StatusCode);
        if (!isGood)
            return;
        Assert.False(response.Headers.Contains("Sec-WebSocket-Accept"));
        await using Stream stream = await response.Content.ReadAsStreamAsync(patience.Token);
        await stream.WriteAsync("hello!"u8.ToArray(), patience.Token);
        await stream.FlushAsync(patience.Token);
        byte[] echo = new byte[6];
        await stream.ReadExactlyAsync(echo, patience.Token);
        Assert.Equal("hello!"u8.ToArray(), echo);
    }

    private sealed class WatchedUpgrade(IHttpUpgradeFeature real) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => real.IsUpgradableRequest;

        internal WatchedStream? Stream { get; private set; }

        public async Task<Stream> UpgradeAsync() => Stream = new WatchedStream(await real.UpgradeAsync());
    }

    /// <summary>Knows of the reads that are under way.</summary>
    private sealed class WatchedStream(Stream real) : MemoryStream
    {
        private int _reads;

        internal int Reads => Volatile.Read(ref _reads);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _reads);
            try
            {
                return await real.ReadAsync(buffer, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _reads);
            }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => real.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => real.FlushAsync(cancellationToken);
    }
}
