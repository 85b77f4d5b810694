using System.Net.Sockets;

namespace FastSni.Http;

/// <summary>A client's socket as a stream, with the bytes before it that were taken off the socket already.</summary>
internal sealed class ClientStream : NetworkStream
{
    private ReadOnlyMemory<byte> _taken;
    private bool _hasWaited;    // For bytes: the next read finds them.

    internal ClientStream(ReadOnlyMemory<byte> taken, Socket socket) : base(socket, ownsSocket: false)
    {
        _taken = taken;
        socket.Blocking = false;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_taken.IsEmpty)
            return new ValueTask<int>(Take(buffer.Span));
        bool isReady = _hasWaited && !buffer.IsEmpty;
        _hasWaited = buffer.IsEmpty;
        return isReady && ReadySocket.TryReceive(Socket, buffer.Span, out int received)
            ? new ValueTask<int>(received)
            : base.ReadAsync(buffer, cancellationToken);
    }

    public override int Read(Span<byte> buffer) => _taken.IsEmpty ? base.Read(buffer) : Take(buffer);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int sent = ReadySocket.Send(Socket, buffer.Span);
        return sent == buffer.Length ? default : base.WriteAsync(buffer[sent..], cancellationToken);
    }

    private int Take(Span<byte> buffer)
    {
        int bytes = Math.Min(buffer.Length, _taken.Length);
        _taken.Span[..bytes].CopyTo(buffer);
        _taken = _taken[bytes..];
        return bytes;
    }
}
