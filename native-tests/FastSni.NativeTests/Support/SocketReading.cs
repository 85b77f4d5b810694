using System.Net.Sockets;

namespace FastSni.NativeTests.Support;

/// <summary>How a peer reads: a number of bytes, or all there is, and how the stream ended.</summary>
internal static class SocketReading
{
    internal static byte[] ReadExactly(this Socket socket, int bytes)
    {
        var read = new byte[bytes];
        int count = 0;
        while (count < bytes)
        {
            int got = socket.Receive(read, count, bytes - count, SocketFlags.None);
            if (got == 0)
                throw new EndOfStreamException($"The stream ended after {count} of {bytes} bytes.");
            count += got;
        }
        return read;
    }

    /// <summary>Everything up to an orderly end; a reset is an exception.</summary>
    internal static byte[] ReadToEnd(this Socket socket)
    {
        (byte[] bytes, SocketError error) = socket.ReadToLast();
        return error == SocketError.Success ? bytes : throw new SocketException((int)error);
    }

    /// <summary>Everything there is, and whether the stream ended in order (Success) or not.</summary>
    internal static (byte[] Bytes, SocketError End) ReadToLast(this Socket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            int got = socket.Receive(buffer, 0, buffer.Length, SocketFlags.None, out SocketError error);
            if (got == 0 || error != SocketError.Success)
                return (all.ToArray(), error);
            all.Write(buffer, 0, got);
        }
    }

    internal static void SendAll(this Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[socket.Send(bytes)..];
    }

    /// <summary>Closes with a reset.</summary>
    internal static void Reset(this Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }
}
