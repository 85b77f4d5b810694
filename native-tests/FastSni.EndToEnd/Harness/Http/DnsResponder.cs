using System.Net;
using System.Net.Sockets;

namespace FastSni.EndToEnd.Harness;

/// <summary>A name server in whose world every name is at 127.0.0.1, and has nothing else (RFC 1035 4).</summary>
internal sealed class DnsResponder : IDisposable
{
    private const int HeaderBytes = 12, TypeA = 1;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public DnsResponder()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _ = ServeAsync();
    }

    public IPEndPoint EndPoint { get; }

    public void Dispose() => _socket.Dispose();

    private async Task ServeAsync()
    {
        byte[] buffer = new byte[1500];
        try
        {
            while (true)
            {
                SocketReceiveFromResult query = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, EndPoint);
                if (Answer(buffer.AsSpan(0, query.ReceivedBytes)) is { } answer)
                    await _socket.SendToAsync(answer, SocketFlags.None, query.RemoteEndPoint);
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Taken down.
        }
    }

    private static byte[]? Answer(ReadOnlySpan<byte> query)
    {
        int end = HeaderBytes;
        while (end < query.Length && query[end] != 0)
            end += query[end] + 1;
        if (end + 5 > query.Length)
            return null;
        ReadOnlySpan<byte> question = query[HeaderBytes..(end + 5)];
        bool isA = question[^3] == TypeA && question[^4] == 0;
        // A response, recursion available, no error; one question, one answer or none.
        byte[] header = [query[0], query[1], 0x81, 0x80, 0, 1, 0, (byte)(isA ? 1 : 0), 0, 0, 0, 0];
        // The name by reference, A, IN, a second to live, four bytes.
        byte[] record = isA ? [0xC0, HeaderBytes, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1] : [];
        return [.. header, .. question, .. record];
    }
}
