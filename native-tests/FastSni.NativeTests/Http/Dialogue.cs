using System.Net;

namespace FastSni.NativeTests.Http;

/// <summary>A request's body that is sent piece by piece.</summary>
internal sealed class Dialogue : HttpContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal async Task SayAsync(ReadOnlyMemory<byte> bytes)
    {
        Stream stream = await _stream.Task;
        await stream.WriteAsync(bytes);
        await stream.FlushAsync();
    }

    internal void End() => _end.TrySetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        _stream.SetResult(stream);
        await _end.Task;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
