using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>How the other side's stream ended: with a FIN, with a reset, or not (yet).</summary>
internal enum Ending
{
    Open,
    Fin,
    Reset,
}

/// <summary>All that came, and how it ended.</summary>
internal sealed record Transcript(byte[] Bytes, Ending Ending)
{
    public string Text => Encoding.Latin1.GetString(Bytes);

    /// <summary>
    /// True for nothing but one fatal TLS alert of this number (RFC 8446 6: type 21, legacy version, length 2, level 2, description).
    /// </summary>
    public bool IsAlert(int description) =>
        Bytes is [0x15, 0x03, 0x01 or 0x02 or 0x03, 0x00, 0x02, 0x02, _] && Bytes[6] == description;
}

/// <summary>One end of a stream socket, with the moves the tests make. Reads and writes are bounded: a stall is an exception.</summary>
internal class SocketPeer(Socket socket) : IDisposable
{
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(20);

    private IPEndPoint? _local;

    protected internal Socket Socket { get; } = socket;

    /// <summary>Also known after the socket is gone.</summary>
    public IPEndPoint LocalEndPoint => _local ??= (IPEndPoint)Socket.LocalEndPoint!;

    /// <summary>SO_ERROR: what came after an end of stream that looked orderly; Success is none.</summary>
    public SocketError PendingError => (SocketError)(int)Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using CancellationTokenSource stall = new(StallLimit);
        while (bytes.Length > 0)
            bytes = bytes[await Socket.SendAsync(bytes, SocketFlags.None, stall.Token)..];
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends, or says false where the other side has already refused: its business is to be told by what it answers.</summary>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await SendAsync(bytes);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void SendUrgent(byte value) => Socket.Send([value], SocketFlags.OutOfBand);

    /// <summary>Bytes, or 0 at the end; a reset throws <see cref="SocketException"/>.</summary>
    public async Task<int> ReceiveAsync(Memory<byte> buffer, SocketFlags flags = SocketFlags.None)
    {
        using CancellationTokenSource stall = new(StallLimit);
        try
        {
            return await Socket.ReceiveAsync(buffer, flags, stall.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"nothing came for {StallLimit}");
        }
    }

    public async Task<byte[]> ReceiveExactlyAsync(int count)
    {
        byte[] bytes = new byte[count];
        int done = 0;
        while (done < count)
        {
            int received = await ReceiveAsync(bytes.AsMemory(done));
            Assert.True(received > 0, $"the stream ended after {done} of {count} bytes");
            done += received;
        }
        return bytes;
    }

    /// <summary>A line without its LF, read byte by byte so that nothing behind it is taken; shorter if the stream ends.</summary>
    public async Task<string> ReceiveLineAsync()
    {
        StringBuilder line = new();
        byte[] one = new byte[1];
        while (await ReceiveAsync(one) == 1 && one[0] != '\n')
            line.Append((char)one[0]);
        return line.ToString();
    }

    /// <summary>Reads until the stream ends, or for as long as given.</summary>
    public async Task<Transcript> ReceiveToEndAsync(TimeSpan? within = null)
    {
        using CancellationTokenSource limit = new(within ?? StallLimit);
        using MemoryStream all = new();
        byte[] buffer = new byte[65_536];
        try
        {
            while (await Socket.ReceiveAsync(buffer, SocketFlags.None, limit.Token) is int count and > 0)
                all.Write(buffer, 0, count);
            return new(all.ToArray(), Ending.Fin);
        }
        catch (SocketException)
        {
            return new(all.ToArray(), Ending.Reset);
        }
        catch (OperationCanceledException)
        {
            return new(all.ToArray(), Ending.Open);
        }
    }

    /// <summary>FIN: no more from us, still listening.</summary>
    public void ShutdownSend()
    {
        try
        {
            Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The other side has reset the connection: that is for the reading half to tell.
        }
    }

    /// <summary>
    /// RST. What is still in our send queue is thrown away, so a test that wants it delivered waits for <see cref="DeliveredAsync"/> first.
    /// </summary>
    public void Abort()
    {
        LocalEndPoint.ToString();
        Socket.LingerState = new LingerOption(true, 0);
        Socket.Dispose();
    }

    /// <summary>Waits until the peer's kernel has acknowledged all that was sent.</summary>
    public Task DeliveredAsync() => Patience.UntilAsync(() => Posix.UnacknowledgedBytes(Socket) == 0, () => "the send queue to empty");

    public void Dispose() => Socket.Dispose();
}
