using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Proxy;

/// <summary>HTTP behind a trusted proxy: the restored address is the client, in every header that tells of it, and in the log.</summary>
public sealed class ProxiedHttpTests : IDisposable
{
    private const string Forged = "203.0.113.66";

    private static readonly IPEndPoint Client4 = IPEndPoint.Parse("192.0.2.7:4711"), Place4 = IPEndPoint.Parse("198.51.100.3:8443");
    private static readonly IPEndPoint Client6 = IPEndPoint.Parse("[2001:db8::7]:4711"), Place6 = IPEndPoint.Parse("[2001:db8::3]:8443");

    private readonly HttpBackend _backend = HttpBackend.Start("app");

    public void Dispose() => _backend.Dispose();

    [Theory]
    [InlineData(nameof(HttpRoom.Offload), 1, false)]
    [InlineData(nameof(HttpRoom.Offload), 2, true)]
    [InlineData(nameof(HttpRoom.Plain), 1, true)]
    [InlineData(nameof(HttpRoom.Plain), 2, false)]
    public async Task The_backend_and_the_log_are_told_the_restored_client(string roomName, int version, bool isV6)
    {
        HttpRoom room = Enum.Parse<HttpRoom>(roomName);
        (IPEndPoint client, IPEndPoint place) = isV6 ? (Client6, Place6) : (Client4, Place4);
        await using Gateway gateway = await StartAsync("require");
        using WireClient web = await EnterAsync(gateway, room, ProxyBytes.Of(version, client, place));
        string name = HttpRooms.NameIn(room);
        string lies = $"X-Forwarded-For: {Forged}\r\nX-Real-IP: {Forged}\r\nForwarded: for={Forged}\r\nX-Forwarded-Port: 66\r\nX-Forwarded-Host: {Forged}\r\nX_Forwarded_For: {Forged}\r\n";
        for (int request = 1; request <= 2; request++)
        {
            Assert.Equal(200, (await web.GetAsync(name, $"/{request}", request == 1 ? "" : lies)).Status);
            HttpHead head = (await _backend.NextAsync()).Head;
            Assert.DoesNotContain(Forged, head.Raw, StringComparison.Ordinal);
            Assert.DoesNotContain("127.", head.Value("Forwarded"), StringComparison.Ordinal);
            string address = client.Address.ToString();
            Assert.Equal((address, address, "8443"), (head.Value("X-Forwarded-For"), head.Value("X-Real-IP"), head.Value("X-Forwarded-Port")));
            Assert.Contains(isV6 ? $"for=\"[{address}]\"" : $"for={address}", head.Value("Forwarded"), StringComparison.OrdinalIgnoreCase);
            Assert.Equal(room == HttpRoom.Offload ? "https" : "http", head.Value("X-Forwarded-Proto"));
        }
        web.Dispose();
        IReadOnlyList<RequestLogLine> requests = await gateway.AccessLog.RequestsOfAsync(client, 2);
        Assert.Equal(["/1", "/2"], requests.Select(line => line.Path).Order());
        Assert.Equal("handed-off", await gateway.AccessLog.EndOfAsync(client));
        Assert.DoesNotContain(gateway.AccessLog.RawLines, line => line.Contains("client=127.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(nameof(HttpRoom.Offload))]
    [InlineData(nameof(HttpRoom.Plain))]
    public async Task What_a_restored_address_says_of_others_is_believed_only_if_it_is_trusted(string roomName)
    {
        HttpRoom room = Enum.Parse<HttpRoom>(roomName);
        IPEndPoint webProxy = IPEndPoint.Parse("10.7.7.7:5000");
        await using Gateway gateway = await StartAsync("accept", trusted: "127.0.0.0/8, 10.7.7.0/24");
        string told = $"X-Forwarded-For: 192.0.2.99, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n";
        using WireClient believed = await EnterAsync(gateway, room, ProxyBytes.V2(webProxy, Place4));
        await believed.GetAsync(HttpRooms.NameIn(room), "/", told);
        HttpHead head = (await _backend.NextAsync()).Head;
        Assert.Equal(("192.0.2.99, 192.0.2.7, 10.7.7.7", "192.0.2.7", "https"), (head.Value("X-Forwarded-For"), head.Value("X-Real-IP"), head.Value("X-Forwarded-Proto")));

        // The proxy at the socket is trusted, but it is not the one who speaks.
        using WireClient stranger = await EnterAsync(gateway, room, ProxyBytes.V2(IPEndPoint.Parse("10.7.8.7:5000"), Place4));
        await stranger.GetAsync(HttpRooms.NameIn(room), "/", told);
        head = (await _backend.NextAsync()).Head;
        Assert.Equal(("10.7.8.7", "10.7.8.7"), (head.Value("X-Forwarded-For"), head.Value("X-Real-IP")));
    }

    [Theory]
    [InlineData(nameof(HttpRoom.Offload))]
    [InlineData(nameof(HttpRoom.Plain))]
    public async Task Without_a_named_client_it_is_the_proxy_itself(string roomName)
    {
        HttpRoom room = Enum.Parse<HttpRoom>(roomName);
        await using Gateway gateway = await StartAsync("require");
        foreach ((string header, byte[] bytes) in ProxyBytes.Nameless)
        {
            using WireClient web = await EnterAsync(gateway, room, bytes);
            Assert.Equal(200, (await web.GetAsync(HttpRooms.NameIn(room))).Status);
            HttpHead head = (await _backend.NextAsync()).Head;
            string address = web.LocalEndPoint.Address.ToString();
            int port = gateway.Config.EndPoint(room == HttpRoom.Offload ? "https" : "http").Port;
            Assert.Equal((header, address, address, $"{port}"), (header, head.Value("X-Forwarded-For"), head.Value("X-Real-IP"), head.Value("X-Forwarded-Port")));
            Assert.Single(await gateway.AccessLog.RequestsOfAsync(web.LocalEndPoint, 1));
        }
    }

    /// <summary>Header, hello and request in pieces: what was there before the hand-off and what comes after it is one stream.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(28)]
    [InlineData(40)]
    [InlineData(90)]
    public async Task A_request_that_is_cut_anywhere_arrives_whole(int place)
    {
        await using Gateway gateway = await StartAsync("require");
        string request = $"POST /echo HTTP/1.1\r\nHost: {HttpRooms.PlainName}\r\nContent-Length: 5\r\n\r\nfirst";
        byte[] all = [.. ProxyBytes.V2(Client4, Place4), .. System.Text.Encoding.ASCII.GetBytes(request + request.Replace("first", "2nd..", StringComparison.Ordinal))];
        using TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint("http"));
        await client.SendAsync(all.AsMemory(0, place));
        await Task.Delay(place == 0 ? 0 : 50);
        await client.SendAsync(all.AsMemory(place));
        foreach (string body in new[] { "first", "2nd.." })
        {
            RecordedRequest got = await _backend.NextAsync();
            Assert.Equal((body, "192.0.2.7"), (System.Text.Encoding.ASCII.GetString(got.Body), got.Head.Value("X-Real-IP")));
        }
    }

    private static async Task<WireClient> EnterAsync(Gateway gateway, HttpRoom room, byte[] header) => room == HttpRoom.Offload
        ? await WireClient.ConnectAsync(gateway.Https, HttpRooms.SiteName, header: header)
        : await WireClient.ConnectAsync(gateway.Config.EndPoint("http"), null, header: header);

    private Task<Gateway> StartAsync(string how, string trusted = "127.0.0.0/8") => Gateway.StartAsync(HttpRooms.Config(_backend.Url)
        .Gateway("log-level", "debug").Gateway("trusted-proxies", trusted).Set("listen:https", "accept-proxy", how).Set("listen:http", "accept-proxy", how));
}
