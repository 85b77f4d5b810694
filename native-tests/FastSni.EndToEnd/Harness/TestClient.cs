using System.Net;
using System.Net.Sockets;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// A plain socket in a client's place. By default it comes from a loopback address of its own, so that the address proves who was seen.
/// </summary>
internal sealed class TestClient : SocketPeer
{
    private TestClient(Socket socket)
        : base(socket)
    {
    }

    public static async Task<TestClient> ConnectAsync(IPEndPoint gateway, IPAddress? from = null)
    {
        Socket socket = new(gateway.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            from ??= gateway.AddressFamily == AddressFamily.InterNetwork ? Loopback.NextAddress() : IPAddress.IPv6Loopback;
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(gateway).Within($"connecting to {gateway}");
            TestClient client = new(socket);
            _ = client.LocalEndPoint;
            return client;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Says hello for this name and returns what came back: the backend's line, or how the gateway declined ("refused 112", "closed").
    /// </summary>
    public Task<string> AskAsync(string serverName) => AskAsync(HelloBytes.For(serverName));

    public async Task<string> AskAsync(byte[] hello)
    {
        await TrySendAsync(hello);
        return await ReceiveAnswerAsync();
    }

    /// <summary>The backend's line, "refused N" for a TLS alert, "closed" for an end without a byte, "reset".</summary>
    public async Task<string> ReceiveAnswerAsync()
    {
        byte[] first = new byte[1];
        try
        {
            if (await ReceiveAsync(first) == 0)
                return "closed";
            if (first[0] != 0x15)
                return (char)first[0] + await ReceiveLineAsync();
            Transcript rest = await ReceiveToEndAsync();
            bool isWhole = rest.Bytes.Length == 6 && rest.Ending == Ending.Fin;
            return isWhole ? $"refused {rest.Bytes[5]}" : $"a broken alert: {Convert.ToHexString(rest.Bytes)}";
        }
        catch (SocketException)
        {
            return "reset";
        }
    }

    /// <summary>One byte a write without a pause (NODELAY is set), or up to where the other side has had enough.</summary>
    public async Task SendByteByByteAsync(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length; at++)
        {
            if (!await TrySendAsync(bytes.AsMemory(at, 1)))
                return;
        }
    }

    /// <summary>Sends in pieces that end at the given places, far enough apart for the other side to see each one alone.</summary>
    public async Task SendSplitAsync(byte[] bytes, params int[] places)
    {
        int from = 0;
        foreach (int to in places.Where(place => place > 0 && place < bytes.Length).Append(bytes.Length))
        {
            if (!await TrySendAsync(bytes.AsMemory(from, to - from)))
                return;
            from = to;
            if (to < bytes.Length)
                await Task.Delay(10);
        }
    }
}
