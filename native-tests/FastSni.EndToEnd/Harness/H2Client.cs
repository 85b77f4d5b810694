using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>Frame types of RFC 9113 section 6.</summary>
internal enum H2Type
{
    Data,
    Headers,
    Priority,
    ResetStream,
    Settings,
    PushPromise,
    Ping,
    GoAway,
    WindowUpdate,
    Continuation,
    Unknown = 0x77,
}

/// <summary>Error codes of RFC 9113 section 7.</summary>
internal enum H2Error
{
    None,
    Protocol,
    Internal,
    FlowControl,
    SettingsTimeout,
    StreamClosed,
    FrameSize,
    RefusedStream,
    Cancel,
    Compression,
    Connect,
    EnhanceYourCalm,
}

/// <summary>One frame. Flags: 1 END_STREAM or ACK, 4 END_HEADERS, 8 PADDED, 32 PRIORITY.</summary>
internal sealed record H2Frame(H2Type Type, int Flags, int Stream, byte[] Payload)
{
    public const int EndStream = 1, Ack = 1, EndHeaders = 4, Padded = 8, WithPriority = 32;

    /// <summary>Of a GOAWAY or RST_STREAM.</summary>
    public H2Error Error => (H2Error)BinaryPrimitives.ReadInt32BigEndian(Payload.AsSpan(Type == H2Type.GoAway ? 4 : 0));

    public byte[] Bytes
    {
        get
        {
            byte[] frame = new byte[9 + Payload.Length];
            BinaryPrimitives.WriteInt32BigEndian(frame, Payload.Length << 8);
            (frame[3], frame[4]) = ((byte)Type, (byte)Flags);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), Stream);
            Payload.CopyTo(frame, 9);
            return frame;
        }
    }
}

/// <summary>
/// An HTTP/2 client that does only what it is told, right or wrong. It says hello in order, and reads frames one by one; nothing is acknowledged unless
/// the test does so.
/// </summary>
internal sealed class H2Client : IAsyncDisposable
{
    private readonly TlsClient _client;

    private H2Client(TlsClient client) => _client = client;

    public static byte[] Preface { get; } = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    public SslStream Tls => _client.Tls;

    public IPEndPoint LocalEndPoint => _client.LocalEndPoint;

    /// <param name="settings">Pairs of a SETTINGS frame; the dynamic table is always declined, so that every answer can be read by itself.</param>
    public static async Task<H2Client> ConnectAsync(IPEndPoint gateway, string serverName, params (int Id, int Value)[] settings)
    {
        H2Client client = await ConnectBareAsync(gateway, serverName);
        await client.SendAsync([.. Preface, .. Settings([(1, 0), .. settings]).Bytes]);
        return client;
    }

    /// <summary>The handshake alone: not even the preface.</summary>
    public static async Task<H2Client> ConnectBareAsync(IPEndPoint gateway, string serverName) =>
        new(await TlsClient.ConnectAsync(gateway, new TlsWish(serverName) { Alpn = ["h2"] }));

    public static H2Frame Settings(params (int Id, int Value)[] pairs)
    {
        byte[] payload = new byte[6 * pairs.Length];
        for (int number = 0; number < pairs.Length; number++)
        {
            BinaryPrimitives.WriteInt16BigEndian(payload.AsSpan(6 * number), (short)pairs[number].Id);
            BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan((6 * number) + 2), pairs[number].Value);
        }
        return new(H2Type.Settings, 0, 0, payload);
    }

    /// <summary>A frame whose payload is one number: WINDOW_UPDATE, RST_STREAM.</summary>
    public static H2Frame Number(H2Type type, int stream, int value)
    {
        byte[] payload = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, value);
        return new(type, 0, stream, payload);
    }

    public static H2Frame Headers(int stream, int flags, params (string Name, string Value)[] headers) => new(H2Type.Headers, flags, stream, Hpack.Encode(headers));

    /// <summary>A whole GET.</summary>
    public static H2Frame Get(int stream, string authority, string path = "/", params (string Name, string Value)[] more) =>
        Headers(stream, H2Frame.EndHeaders | H2Frame.EndStream, [.. Hpack.Request("GET", authority, path), .. more]);

    public Task SendAsync(params H2Frame[] frames) => SendAsync([.. frames.SelectMany(frame => frame.Bytes)]);

    public async Task SendAsync(byte[] bytes) => await Tls.WriteAsync(bytes).AsTask().Within("frames to be written");

    /// <summary>False where the other side has gone or no longer reads.</summary>
    public async Task<bool> TrySendAsync(byte[] bytes)
    {
        using CancellationTokenSource limit = new(Patience.Limit);
        try
        {
            await Tls.WriteAsync(bytes, limit.Token);
            return true;
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>null at the end of the connection, orderly or not.</summary>
    public async Task<H2Frame?> ReadAsync()
    {
        byte[] head = new byte[9];
        try
        {
            if (await Tls.ReadAtLeastAsync(head, 9, throwOnEndOfStream: false).AsTask().Within("a frame") < 9)
                return null;
            byte[] payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >> 8];
            await Tls.ReadExactlyAsync(payload).AsTask().Within("a frame's payload");
            return new((H2Type)head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue, payload);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Reads on to the first frame that is wanted; null if the connection ends before.</summary>
    public async Task<H2Frame?> ReadUntilAsync(Func<H2Frame, bool> isWanted)
    {
        H2Frame? frame;
        do
            frame = await ReadAsync();
        while (frame is not null && !isWanted(frame));
        return frame;
    }

    /// <summary>GETs on a stream and reads its answer to the end; the status.</summary>
    public async Task<int> AskAsync(int stream, string authority, string path = "/")
    {
        await SendAsync(Get(stream, authority, path));
        return (await AnswerAsync(stream)).Status;
    }

    /// <summary>The answer on a stream; windows are not widened. A reset of the stream or an end of the connection fails the test.</summary>
    public async Task<(int Status, string Body)> AnswerAsync(int stream)
    {
        int status = 0;
        StringBuilder body = new();
        while (true)
        {
            H2Frame? frame = await ReadUntilAsync(one => one.Stream == stream || one.Type == H2Type.GoAway);
            if (frame is null or { Type: H2Type.GoAway or H2Type.ResetStream })
                Assert.Fail(frame is null ? "the connection ended" : $"{frame.Type} {frame.Error}");
            if (frame.Type == H2Type.Headers && status is 0 or (>= 100 and < 200))
                status = Hpack.StatusOf(frame.Payload);
            if (frame.Type == H2Type.Data)
                body.Append(Encoding.Latin1.GetString(frame.Payload));
            if (frame.Type != H2Type.WindowUpdate && (frame.Flags & H2Frame.EndStream) != 0)
                return (status, body.ToString());
        }
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}

/// <summary>As much of RFC 7541 as these tests need: literals without indexing, and the status of an answer.</summary>
internal static class Hpack
{
    public static (string Name, string Value)[] Request(string method, string authority, string path) =>
        [(":method", method), (":scheme", "https"), (":authority", authority), (":path", path)];

    public static byte[] Encode(params (string Name, string Value)[] headers) =>
        [.. headers.SelectMany(header => (byte[])[0, .. Text(header.Name), .. Text(header.Value)])];

    /// <summary>The block's first field, which has to be `:status` (RFC 9113 8.3).</summary>
    public static int StatusOf(byte[] block)
    {
        int at = 0;
        // Updates of the dynamic table's size come first.
        while ((block[at] & 0xE0) == 0x20)
            at++;
        int[] known = [200, 204, 206, 304, 400, 404, 500];
        if (block[at] is >= 0x88 and <= 0x8E)
            return known[block[at] - 0x88];
        Assert.True(block[at] is 0x08 or 0x18 or 0x48 && block[at + 1] == 3, $"not a status: {Convert.ToHexString(block)}");
        return int.Parse(block.AsSpan(at + 2, 3), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static byte[] Text(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        if (bytes.Length < 127)
            return [(byte)bytes.Length, .. bytes];
        // RFC 7541 5.1: what is above the prefix follows in sevens of bits.
        List<byte> length = [127];
        int rest = bytes.Length - 127;
        for (; rest >= 128; rest >>= 7)
            length.Add((byte)((rest & 127) | 128));
        return [.. length, (byte)rest, .. bytes];
    }
}
