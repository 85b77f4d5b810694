using System.Net;
using System.Net.Sockets;

namespace FastSni.EndToEnd.Harness;

/// <summary>A gateway in a network of its own with a listener of every mode, and somebody behind each of them.</summary>
internal sealed class BanStage : IAsyncDisposable
{
    public const string PassthroughName = "a.home.test";

    private readonly GatewayNetwork _network;
    private readonly TaskCompletionSource _never = new();

    private BanStage(GatewayNetwork network, AddressFamily family)
    {
        (_network, Family) = (network, family);
        Echo = TestBackend.Start("echo", Scripts.EchoAsync, at: network.Backend());
        Http = HttpBackend.Start("web", AnswerAsync, network.Backend());
        Config = new GatewayConfig(workers: 2)
            .Listen("https", "tls", network.Listener(family))
            .Listen("http", "http", network.Listener(family))
            .Listen("smtp", "tcp", network.Listener(family), ("backend", Echo.Address), ("proxy-protocol", "v1"))
            .Passthrough("a", PassthroughName, Echo)
            .Passthrough("plain", HttpRooms.PlainName, network.Backend().ToString(), ("http-backend", Http.Address))
            .Site("site", HttpRooms.SiteName, Http.Url);
    }

    public AddressFamily Family { get; }

    public TestBackend Echo { get; }

    public HttpBackend Http { get; }

    public GatewayConfig Config { get; }

    public GatewayNetwork Network => _network;

    /// <summary>Skips the test where it can't be set up.</summary>
    public static async Task<BanStage> CreateAsync(AddressFamily family) => new(await GatewayNetwork.CreateAsync(), family);

    public Task<Gateway> StartAsync(Action<string>? prepare = null) => Gateway.StartAsync(Config, _network, prepare);

    public IPAddress Client(int block, int number) => _network.Client(Family, block, number);

    /// <summary>How a new client fares at the listener: "served", or how it ended: "closed", "reset".</summary>
    public async Task<string> KnockAsync(Gateway gateway, IPAddress from, string listener = "https")
    {
        try
        {
            using TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint(listener), from);
            await client.SendAsync(listener == "http"
                ? System.Text.Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {HttpRooms.PlainName}\r\n\r\n") : HelloBytes.For(PassthroughName));
            byte[] first = new byte[1];
            return await client.ReceiveAsync(first) == 1 ? "served" : "closed";
        }
        catch (SocketException)
        {
            return "reset";
        }
    }

    public async Task AssertServedAsync(Gateway gateway, IPAddress from)
    {
        foreach (string listener in new[] { "https", "http", "smtp" })
            Assert.Equal("served", await KnockAsync(gateway, from, listener));
    }

    public async Task AssertRefusedAsync(Gateway gateway, IPAddress from)
    {
        foreach (string listener in new[] { "https", "http", "smtp" })
            Assert.Equal("reset", await KnockAsync(gateway, from, listener));
    }

    /// <summary>Waits until the client is refused, or served, on every listener.</summary>
    public Task UntilAsync(Gateway gateway, IPAddress from, bool isBanned) => Patience.UntilAsync(
        async () => await KnockAsync(gateway, from) == (isBanned ? "reset" : "served"), () => $"{from} to be {(isBanned ? "banned" : "free")}\n{gateway.Log.Tail}");

    public async ValueTask DisposeAsync()
    {
        _never.TrySetResult();
        Echo.Dispose();
        Http.Dispose();
        await _network.DisposeAsync();
    }

    // /forever: an answer that has begun and does not end.
    private async Task AnswerAsync(HttpCall call)
    {
        if (call.Request.Target != "/forever")
        {
            await HttpScripts.ByPathAsync(call);
            return;
        }
        await call.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        await _never.Task;
    }
}
