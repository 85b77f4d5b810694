using System.Buffers.Binary;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// HTTP/2 in the clear, with calls of gRPC's shape: /echo gives every message back as it comes, and its status in trailers; /fail has a status and no
/// message; /address tells whom it believes to be the client.
/// </summary>
internal sealed class GrpcBackend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GrpcBackend(WebApplication app, IPEndPoint endPoint) => (_app, EndPoint) = (app, endPoint);

    public IPEndPoint EndPoint { get; }

    /// <param name="steps">/steps answers with headers at once, `one` after the first step and `two` after the second.</param>
    public static async Task<GrpcBackend> StartAsync(TaskCompletionSource[]? steps = null)
    {
        IPEndPoint at = Loopback.NextV4();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // Its own patience is not what is tested.
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(at, listen => listen.Protocols = HttpProtocols.Http2);
        });
        WebApplication app = builder.Build();
        app.Run(context => context.Request.Path == "/steps" ? StepAsync(context, steps!) : AnswerAsync(context));
        await app.StartAsync();
        return new GrpcBackend(app, at);
    }

    /// <summary>A message in its frame: not compressed, length, bytes.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> message)
    {
        byte[] frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame.AsSpan(5));
        return frame;
    }

    /// <summary>null at the end of the stream.</summary>
    public static async Task<byte[]?> ReadFrameAsync(Stream stream, CancellationToken cancelled)
    {
        byte[] head = new byte[5];
        if (await stream.ReadAtLeastAsync(head, 5, throwOnEndOfStream: false, cancelled) < 5)
            return null;
        byte[] message = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1))];
        await stream.ReadExactlyAsync(message, cancelled);
        return message;
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource hurry = new(TimeSpan.FromSeconds(1));
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
    }

    private static async Task StepAsync(HttpContext context, TaskCompletionSource[] steps)
    {
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await steps[0].Task;
        await context.Response.Body.WriteAsync("one"u8.ToArray(), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await steps[1].Task;
        await context.Response.Body.WriteAsync("two"u8.ToArray(), context.RequestAborted);
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.ContentType = "application/grpc";
        if (context.Request.Path.Value!.EndsWith("/fail", StringComparison.Ordinal))
        {
            response.AppendTrailer("grpc-status", "5");
            response.AppendTrailer("grpc-message", "no such thing");
            return;
        }
        await response.Body.FlushAsync(context.RequestAborted);
        if (context.Request.Path == "/address")
        {
            string told = $"{context.Request.Protocol} {context.Request.Headers["X-Real-IP"]} {context.Request.Headers.TE}";
            await response.Body.WriteAsync(Frame(System.Text.Encoding.ASCII.GetBytes(told)), context.RequestAborted);
        }
        while (context.Request.Path.Value!.EndsWith("/echo", StringComparison.Ordinal) && await ReadFrameAsync(context.Request.Body, context.RequestAborted) is { } message)
        {
            await response.Body.WriteAsync(Frame(message), context.RequestAborted);
            await response.Body.FlushAsync(context.RequestAborted);
        }
        response.AppendTrailer("grpc-status", "0");
    }
}
