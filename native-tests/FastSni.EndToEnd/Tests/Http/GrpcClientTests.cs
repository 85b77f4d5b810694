using FastSni.EndToEnd.Harness;
using Grpc.Core;
using Grpc.Net.Client;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>The usual gRPC client for .NET, through an h2c section.</summary>
public sealed class GrpcClientTests
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);

    [Fact]
    public async Task A_unary_call_brings_its_message_and_its_status()
    {
        await using GrpcBackend backend = await GrpcBackend.StartAsync();
        await using Gateway gateway = await StartAsync(backend);
        using GrpcChannel channel = Open(gateway);
        byte[] message = new Pattern(1).Bytes(100_000);
        byte[] answer = await channel.CreateCallInvoker().AsyncUnaryCall(MethodOf(MethodType.Unary, "echo"), null, Options(), message);
        Assert.Equal(message, answer);
        RpcException failure = await Assert.ThrowsAsync<RpcException>(async () =>
            await channel.CreateCallInvoker().AsyncUnaryCall(MethodOf(MethodType.Unary, "fail"), null, Options(), message));
        Assert.Equal((StatusCode.NotFound, "no such thing"), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task A_duplex_call_talks_both_ways_until_its_client_ends_it()
    {
        await using GrpcBackend backend = await GrpcBackend.StartAsync();
        await using Gateway gateway = await StartAsync(backend);
        using GrpcChannel channel = Open(gateway);
        using AsyncDuplexStreamingCall<byte[], byte[]> call =
            channel.CreateCallInvoker().AsyncDuplexStreamingCall(MethodOf(MethodType.DuplexStreaming, "echo"), null, Options());
        Pattern pattern = new(2);
        foreach (int size in new[] { 1, 0, 70_000, 300 })
        {
            byte[] message = pattern.Bytes(size);
            await call.RequestStream.WriteAsync(message);
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(message, call.ResponseStream.Current);
        }
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    private static Task<Gateway> StartAsync(GrpcBackend backend) =>
        Gateway.StartAsync(HttpRooms.Bare().Site("site", HttpRooms.SiteName, $"h2c://{backend.EndPoint}"));

    private static GrpcChannel Open(Gateway gateway) =>
        GrpcChannel.ForAddress($"https://{HttpRooms.SiteName}", new GrpcChannelOptions { HttpHandler = HttpDoor.Handler(gateway.Https), DisposeHttpClient = true });

    private static Method<byte[], byte[]> MethodOf(MethodType type, string name) => new(type, "test.Service", name, Bytes, Bytes);

    private static CallOptions Options() => new(deadline: DateTime.UtcNow + Patience.Limit);
}
