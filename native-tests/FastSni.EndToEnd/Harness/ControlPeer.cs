using System.Net.Sockets;
using System.Text.Json;

namespace FastSni.EndToEnd.Harness;

/// <summary>A program at the control socket, with any manners.</summary>
internal sealed class ControlPeer : SocketPeer
{
    private ControlPeer(Socket socket)
        : base(socket)
    {
    }

    public static string PathOf(Gateway gateway) => Path.Combine(gateway.Directory, "control.sock");

    public static async Task<ControlPeer> ConnectAsync(Gateway gateway)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        // The asynchronous call would not wait where others do (EAGAIN).
        await Task.Run(() => socket.Connect(new UnixDomainSocketEndPoint(PathOf(gateway)))).Within("connecting to the control socket");
        return new ControlPeer(socket);
    }

    /// <summary>One request and its answer.</summary>
    public async Task<JsonElement> AskAsync(string request)
    {
        await SendAsync(request + "\n");
        return await ReceiveReplyAsync();
    }

    public async Task<JsonElement> ReceiveReplyAsync()
    {
        byte[] buffer = new byte[65_536];
        using MemoryStream line = new();
        while (line.Length == 0 || line.GetBuffer()[line.Length - 1] != '\n')
        {
            int count = await ReceiveAsync(buffer);
            Assert.True(count > 0, "the gateway ended before its answer");
            line.Write(buffer, 0, count);
        }
        using JsonDocument reply = JsonDocument.Parse(line.GetBuffer().AsMemory(0, (int)line.Length));
        Assert.Equal(1, reply.RootElement.GetProperty("version").GetInt32());
        return reply.RootElement.Clone();
    }
}
