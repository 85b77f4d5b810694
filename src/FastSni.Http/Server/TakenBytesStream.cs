using System.Net.Sockets;

namespace FastSni.Http;

/// <summary>A socket's stream with bytes before it that were taken off the socket already.</summary>
internal sealed class TakenBytesStream(ReadOnlyMemory<byte> taken, Socket socket) : NetworkStream(socket, ownsSocket: false)
{
    private ReadOnlyMemory<byte> _taken = taken;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _taken.IsEmpty ? base.ReadAsync(buffer, cancellationToken) : new ValueTask<int>(Take(buffer.Span));

    public override int Read(Span<byte> buffer) => _taken.IsEmpty ? base.Read(buffer) : Take(buffer);

    private int Take(Span<byte> buffer)
    {
        int bytes = Math.Min(buffer.Length, _taken.Length);
        _taken.Span[..bytes].CopyTo(buffer);
        _taken = _taken[bytes..];
        return bytes;
    }
}
