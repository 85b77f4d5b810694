using System.Net;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>A gateway behind a trusted proxy on loopback: its clients come from any address, and may be banned.</summary>
internal static class ProxyDoor
{
    /// <summary>The name that a passthrough backend answers for.</summary>
    public const string Name = "a.home.test";

    private static int _port = 1023;

    /// <summary>Listeners https and http, which believe everybody on this machine.</summary>
    public static GatewayConfig Config(TestBackend backend)
    {
        GatewayConfig config = HttpRooms.Bare().Gateway("trusted-proxies", "127.0.0.0/8").Passthrough("a", Name, backend);
        foreach (string listener in new[] { "listen:https", "listen:http" })
            config.Set(listener, "accept-proxy", "accept");
        return config;
    }

    /// <summary>A client that came through the proxy from this address, and has said this.</summary>
    public static async Task<(TestClient Client, IPEndPoint Seen)> EnterAsync(this Gateway gateway, string address, byte[] said, string listener = "https")
    {
        IPEndPoint seen = new(IPAddress.Parse(address), 1024 + (Interlocked.Increment(ref _port) % 60_000));
        bool isV6 = address.Contains(':', StringComparison.Ordinal);
        TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint(listener));
        string header = $"PROXY {(isV6 ? "TCP6" : "TCP4")} {address} {(isV6 ? "2001:db8::1" : "192.0.2.1")} {seen.Port} 443\r\n";
        await client.TrySendAsync((byte[])[.. Encoding.ASCII.GetBytes(header), .. said]);
        return (client, seen);
    }

    /// <summary>Whether a client from this address gets an answer from the backend.</summary>
    public static async Task<bool> ServesAsync(this Gateway gateway, string address)
    {
        (TestClient client, _) = await gateway.EnterAsync(address, HelloBytes.For(Name));
        using (client)
            return await client.ReceiveAnswerAsync() is var answer && answer is not ("closed" or "reset") && !answer.StartsWith("refused ", StringComparison.Ordinal);
    }

    /// <summary>How a session that begins like this ends, by its line in the log. Of banned clients that come again not each one has a line.</summary>
    public static async Task<string> EndOfAsync(this Gateway gateway, string address, byte[] said)
    {
        (TestClient client, IPEndPoint seen) = await gateway.EnterAsync(address, said);
        using (client)
        {
            await client.ReceiveAnswerAsync();
            return await gateway.AccessLog.EndOfAsync(seen);
        }
    }
}
