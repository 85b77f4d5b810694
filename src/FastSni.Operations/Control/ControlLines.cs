using System.Net.Sockets;

namespace FastSni.Operations;

internal enum ControlLineStatus { Whole, Ended, TooLong, Unfinished }

/// <summary>Cuts what a client sends into lines, with a buffer that never grows past the longest one allowed.</summary>
/// <param name="bytesMax">Of a line, its line feed included.</param>
internal sealed class ControlLines(Socket client, int bytesMax)
{
    private byte[] _buffer = new byte[Math.Min(4096, bytesMax)];
    private int _start;
    private int _end;

    /// <summary>The line that was read last, without its line feed; good until the next is read.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <exception cref="SocketException">The connection broke.</exception>
    public async ValueTask<ControlLineStatus> ReadAsync(CancellationToken cancel)
    {
        int looked = _start;
        while (true)
        {
            int feed = _buffer.AsSpan(looked, _end - looked).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                Line = _buffer.AsMemory(_start, looked + feed - _start);
                _start = looked + feed + 1;
                return ControlLineStatus.Whole;
            }
            if (_end - _start >= bytesMax)
                return ControlLineStatus.TooLong;
            MakeRoom();
            looked = _end;
            int bytes = await client.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, cancel);
            if (bytes == 0)
                return _end > _start ? ControlLineStatus.Unfinished : ControlLineStatus.Ended;
            _end += bytes;
        }
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
            return;
        byte[] target = _start > 0 ? _buffer : new byte[Math.Min(_buffer.Length * 2, bytesMax)];
        _buffer.AsSpan(_start, _end - _start).CopyTo(target);
        (_buffer, _start, _end) = (target, 0, _end - _start);
    }
}
