using System.Net;
using System.Net.Http.Headers;
using System.Text;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>Calls of gRPC's shape through an h2c section: messages both ways while the call is open, statuses in trailers.</summary>
public sealed class GrpcTests
{
    [Fact]
    public async Task A_call_is_answered_over_HTTP_2_with_the_clients_address_and_trailers()
    {
        await using GrpcBackend backend = await GrpcBackend.StartAsync();
        await using Gateway gateway = await StartAsync(backend);
        using HttpClient client = Client(gateway, out IPAddress from);
        using HttpResponseMessage response = await client.SendAsync(Call("/address", new ByteArrayContent(GrpcBackend.Frame("hello"u8))), Limit());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        byte[] body = await response.Content.ReadAsByteArrayAsync(Limit());
        Assert.Equal($"HTTP/2 {from} trailers", Encoding.ASCII.GetString(body.AsSpan(5)));
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_go_both_ways_while_the_call_is_open_whoever_begins(bool isClientFirst)
    {
        await using GrpcBackend backend = await GrpcBackend.StartAsync();
        await using Gateway gateway = await StartAsync(backend);
        using HttpClient client = Client(gateway, out _);
        TaskCompletionSource<Stream> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using OpenContent content = new(opened, closed.Task);
        Task<HttpResponseMessage> answered = client.SendAsync(Call("/echo", content), HttpCompletionOption.ResponseHeadersRead, Limit());
        Stream up = await opened.Task.Within("the request's stream");
        Pattern pattern = new(3);
        byte[] first = pattern.Bytes(10);
        if (isClientFirst)
            await SayAsync(up, first);
        using HttpResponseMessage response = await answered;
        Stream down = await response.Content.ReadAsStreamAsync(Limit());
        if (!isClientFirst)
            await SayAsync(up, first);
        Assert.Equal(first, await GrpcBackend.ReadFrameAsync(down, Limit()));
        foreach (int size in new[] { 0, 1, 100, 16_384, 70_000, 1_000_000, 7 })
        {
            byte[] message = pattern.Bytes(size);
            Task saying = SayAsync(up, message);
            Assert.Equal(message, await GrpcBackend.ReadFrameAsync(down, Limit()));
            await saying;
        }
        closed.SetResult();
        Assert.Null(await GrpcBackend.ReadFrameAsync(down, Limit()));
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    [Fact]
    public async Task A_call_may_be_quiet_for_longer_than_a_slow_body_may()
    {
        await using GrpcBackend backend = await GrpcBackend.StartAsync();
        await using Gateway gateway = await StartAsync(backend);
        using HttpClient client = Client(gateway, out _);
        TaskCompletionSource<Stream> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using OpenContent content = new(opened, closed.Task);
        Task<HttpResponseMessage> answered = client.SendAsync(Call("/echo", content), HttpCompletionOption.ResponseHeadersRead, Limit());
        Stream up = await opened.Task.Within("the request's stream");
        await SayAsync(up, [1]);
        using HttpResponseMessage response = await answered;
        Stream down = await response.Content.ReadAsStreamAsync(Limit());
        Assert.Equal([1], await GrpcBackend.ReadFrameAsync(down, Limit()));
        await Task.Delay(TimeSpan.FromSeconds(8));
        await SayAsync(up, [2]);
        Assert.Equal([2], await GrpcBackend.ReadFrameAsync(down, Limit()));
        closed.SetResult();
        Assert.Null(await GrpcBackend.ReadFrameAsync(down, Limit()));
    }

    [Fact]
    public async Task A_call_that_fails_says_so_without_a_message()
    {
        await using GrpcBackend backend = await GrpcBackend.StartAsync();
        await using Gateway gateway = await StartAsync(backend);
        using HttpClient client = Client(gateway, out _);
        using HttpResponseMessage response = await client.SendAsync(Call("/fail", new ByteArrayContent(GrpcBackend.Frame("x"u8))), Limit());
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Limit()));
        Assert.Equal("5", Status(response, "grpc-status"));
        Assert.Equal("no such thing", Status(response, "grpc-message"));
    }

    [Fact]
    public async Task Fifty_calls_at_once_share_the_way()
    {
        await using GrpcBackend backend = await GrpcBackend.StartAsync();
        await using Gateway gateway = await StartAsync(backend);
        using HttpClient client = Client(gateway, out _);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async number =>
        {
            byte[] frame = GrpcBackend.Frame(new Pattern((ulong)number).Bytes(10_000));
            using HttpResponseMessage response = await client.SendAsync(Call("/echo", new ByteArrayContent(frame)), Limit());
            Assert.Equal(frame, await response.Content.ReadAsByteArrayAsync(Limit()));
        }));
    }

    private static async Task SayAsync(Stream up, byte[] message)
    {
        await up.WriteAsync(GrpcBackend.Frame(message), Limit());
        await up.FlushAsync(Limit());
    }

    // A call without a message may have its status among the headers.
    private static string? Status(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out IEnumerable<string>? values) || response.Headers.TryGetValues(name, out values) ? values.Single() : null;

    private static HttpRequestMessage Call(string path, HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        HttpRequestMessage request = new(HttpMethod.Post, $"https://{HttpRooms.SiteName}{path}")
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        return request;
    }

    private static Task<Gateway> StartAsync(GrpcBackend backend) =>
        Gateway.StartAsync(HttpRooms.Bare().Site("site", HttpRooms.SiteName, $"h2c://{backend.EndPoint}"));

    private static HttpClient Client(Gateway gateway, out IPAddress from)
    {
        from = Loopback.NextAddress();
        return new HttpClient(HttpDoor.Handler(gateway.Https, from));
    }

    private static CancellationToken Limit() => new CancellationTokenSource(Patience.Limit).Token;

    /// <summary>A body whose stream is the test's until it says so.</summary>
    private sealed class OpenContent(TaskCompletionSource<Stream> opened, Task closed) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            opened.SetResult(stream);
            await closed;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }
}
