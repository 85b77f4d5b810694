using System.Buffers;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace FastSni.Http;

/// <summary>Brings a backend's answer to the client.</summary>
internal static class H2Answer
{
    private const int BufferBytes = 16 * 1024;

    /// <exception cref="HttpRequestException">The answer can't be used, or was cut.</exception>
    internal static async Task CopyAsync(HttpResponseMessage response, Exchange exchange, HttpRoute route, H2Patience patience)
    {
        int status = (int)response.StatusCode;
        if (status < StatusCodes.Status200OK)
            throw new HttpRequestException($"status {status} ends no exchange");
        exchange.Response.StatusCode = status;
        IHeaderDictionary target = exchange.Response.Headers;
        CopyHeaders(response.Headers, target);
        CopyHeaders(response.Content.Headers, target);
        if (status is not StatusCodes.Status204NoContent)
            target.ContentLength = response.Content.Headers.ContentLength;
        foreach (KeyValuePair<string, string> header in route.ResponseHeaders)
            target[header.Key] = header.Value;
        await CopyBodyAsync(response, exchange, patience);
        if (exchange.Features.Get<IHttpResponseTrailersFeature>() is { Trailers: { IsReadOnly: false } trailers })
            CopyHeaders(response.TrailingHeaders, trailers);
    }

    private static void CopyHeaders(HttpHeaders source, IHeaderDictionary target)
    {
        foreach ((string name, HeaderStringValues values) in source.NonValidated)
        {
            if (ResponseHeaders.PassesOn(name))
                target[name] = values.Count == 1 ? values.ToString() : new StringValues([.. values]);
        }
    }

    private static async Task CopyBodyAsync(HttpResponseMessage response, Exchange exchange, H2Patience patience)
    {
        Stream source = await response.Content.ReadAsStreamAsync(patience.Token);
        PipeWriter target = exchange.ResponseBody.Writer;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        while (true)
        {
            ValueTask<int> reading = source.ReadAsync(buffer, patience.Token);
            // Headers don't wait for a body. Where the end is there already they do: gRPC's "Trailers-Only" is one frame with the end in it.
            if (!reading.IsCompleted && !exchange.Response.HasStarted)
                await target.FlushAsync(patience.Token);
            int bytes = await reading;
            if (bytes == 0)
                break;
            patience.Moved();
            FlushResult flushed = await target.WriteAsync(buffer.AsMemory(0, bytes), patience.Token);
            if (flushed.IsCompleted)
                throw new OperationCanceledException("the client has left");
            exchange.DownBytes += bytes;
        }
        // Not after a fault: a read may be under way, and write into what is somebody else's by then.
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
