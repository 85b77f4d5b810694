using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>Port 80: who is forwarded, who is sent to https, and who gets a page.</summary>
public sealed class PlainHttpTests
{
    private const string BareName = "bare.home.test";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_name_with_an_http_backend_is_forwarded_with_the_clients_address(bool isIpv6)
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await StartAsync(backend, isIpv6);
        IPAddress from = isIpv6 ? IPAddress.IPv6Loopback : Loopback.NextAddress();
        using WireClient client = await WireClient.ConnectAsync(gateway.Config.EndPoint("http"), null, from);
        WireResponse response = await client.GetAsync(HttpRooms.PlainName, "/x/../y?q=%2f&r", "X-Real-IP: 1.2.3.4\r\nX-Forwarded-For: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\n");
        Assert.Equal((200, 1), (response.Status, response.Seen));
        WireRequest seen = backend.Request(1);
        Assert.Equal(("GET", "/x/../y?q=%2f&r", HttpRooms.PlainName), (seen.Method, seen.Target, seen["host"]));
        Assert.Equal((from.ToString(), from.ToString(), "http", HttpRooms.PlainName),
            (seen["x-real-ip"], seen["x-forwarded-for"], seen["x-forwarded-proto"], seen["x-forwarded-host"]));
        Assert.Contains(isIpv6 ? "for=\"[::1]\"" : $"for={from}", seen["forwarded"], StringComparison.Ordinal);
        Assert.DoesNotContain("1.2.3.4", string.Join('\n', seen.Headers), StringComparison.Ordinal);
        backend.AssertWellFormed();
    }

    [Theory]
    [InlineData(HttpRooms.SiteName, "GET", 301)]
    [InlineData(HttpRooms.SiteName, "HEAD", 301)]
    [InlineData(HttpRooms.SiteName, "POST", 308)]
    [InlineData(BareName, "GET", 301)]
    [InlineData(BareName, "PUT", 308)]
    public async Task Another_name_is_sent_to_https_with_the_same_path_and_query(string host, string method, int status)
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await StartAsync(backend);
        using WireClient client = await gateway.EnterAsync(HttpRoom.Plain);
        string body = method is "POST" or "PUT" ? "Content-Length: 2\r\n\r\nhi" : "\r\n";
        foreach (string target in new[] { "/", "/a/b?c=d&e=%0d%0a", "/%2f%2fevil.test", "/a//b", "/?//evil.test", "/@evil.test" })
        {
            WireResponse response = await client.AskAsync($"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{body}");
            Assert.Equal((status, $"https://{host}:{gateway.Https.Port}{target}", ""), (response.Status, response["location"], response.Text));
        }
        Assert.Empty(backend.Requests);
    }

    [Theory]
    [InlineData("GET //evil.test/x", HttpRooms.SiteName, 400)]
    [InlineData("GET //evil.test", BareName, 400)]
    [InlineData("GET /\\evil.test", HttpRooms.SiteName, 400)]
    [InlineData("GET http://evil.test/", HttpRooms.SiteName, 400)]
    [InlineData("GET https://site.home.test/", HttpRooms.SiteName, 400)]
    [InlineData("GET /x", "site.home.test:99999", 400)]
    [InlineData("GET /x", "site.home.test:80@evil.test", 400)]
    [InlineData("GET /x", "site.home.test/evil", 400)]
    [InlineData("GET /x", "evil.test\\@site.home.test", 400)]
    [InlineData("GET /x", "site.home.test, evil.test", 400)]
    [InlineData("GET /x", "site.home.test evil.test", 400)]
    [InlineData("GET /x", "site..home.test", 400)]
    [InlineData("GET /x", "<script>alert(1)</script>", 400)]
    [InlineData("GET /x", "site.home.test\\r\\nX: y", 400)]
    [InlineData("GET /x", "", 400)]
    [InlineData("GET /x", "evil.test", 404)]
    [InlineData("GET /x", "127.0.0.1", 404)]
    [InlineData("GET /x", "[::1]", 404)]
    [InlineData("TRACE /x", HttpRooms.PlainName, 405)]
    [InlineData("CONNECT plain.home.test:443", "plain.home.test:443", 405)]
    public async Task A_request_that_leads_nowhere_gets_a_page_and_no_redirect(string line, string host, int status)
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await StartAsync(backend);
        using WireClient client = await gateway.EnterAsync(HttpRoom.Plain);
        await client.SendAsync($"{line} HTTP/1.1\r\nHost: {host}\r\nX-Secret: do-not-echo\r\n\r\n");
        WireResponse? response = await client.Responses.ReadAsync(line.Split(' ')[0]);
        Assert.NotNull(response);
        Assert.Equal((status, null), (response.Status, response["location"]));
        foreach (string part in new[] { "evil", "script", "do-not-echo", "home.test" })
            Assert.DoesNotContain(part, string.Join('\n', response.Headers) + response.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(backend.Requests);
    }

    [Fact]
    public async Task A_host_in_capitals_with_a_dot_and_a_port_is_the_same_host()
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await StartAsync(backend);
        using WireClient client = await gateway.EnterAsync(HttpRoom.Plain);
        Assert.Equal(1, (await client.GetAsync("PLAIN.Home.Test.:8080")).Seen);
        Assert.Equal(301, (await client.GetAsync("SITE.Home.Test.:8080")).Status);
        Assert.Equal($"https://site.home.test:{gateway.Https.Port}/", (await client.GetAsync("SITE.Home.Test.:8080"))["location"]);
    }

    [Fact]
    public async Task The_status_of_a_name_that_nobody_has_can_be_chosen()
    {
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Bare().Default("status", "503").Passthrough("plain", HttpRooms.PlainName, Loopback.NextV4().ToString()));
        using WireClient client = await gateway.EnterAsync(HttpRoom.Plain);
        Assert.Equal(503, (await client.GetAsync("evil.test")).Status);
    }

    private static async Task<Gateway> StartAsync(WireBackend backend, bool isIpv6 = false)
    {
        GatewayConfig config = GatewayConfig.Https().Listen("http", "http", isIpv6 ? Loopback.NextV6() : Loopback.NextV4())
            .Site("site", HttpRooms.SiteName, backend.Url)
            .Passthrough("plain", HttpRooms.PlainName, Loopback.NextV4().ToString(), ("http-backend", backend.Address))
            .Passthrough("bare", BareName, Loopback.NextV4().ToString());
        return await Gateway.StartAsync(config);
    }
}
