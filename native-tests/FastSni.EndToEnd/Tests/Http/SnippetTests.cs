using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>The shipped snippets of config/backends, in the servers they are for.</summary>
public sealed class SnippetTests
{
    [SkippableTheory]
    [InlineData("nginx-behind-passthrough.conf", "nginx-behind-http.conf", "v2")]
    [InlineData("yunohost-https.inc", "yunohost-http.inc", "v1")]
    public async Task Nginx_sees_the_client_on_both_ports(string tlsSnippet, string httpSnippet, string proxy)
    {
        Tool.Require("curl");
        await using WebNginx nginx = await WebNginx.StartAsync("web", tlsSnippet, httpSnippet);
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Bare()
            .Passthrough("web", "web.home.test", nginx.V4.ToString(), ("proxy-protocol", proxy), ("http-backend", nginx.Http.ToString())));
        string from = Loopback.NextAddress().ToString();
        Assert.Equal($"web https {from} -", (await Curl.AskAsync("web.home.test", gateway.Https, "--interface", from)).Body);
        using WireClient client = await gateway.EnterAsync(HttpRoom.Plain, IPAddress.Parse(from));
        Assert.Equal($"web http {from} {from}\n", (await client.GetAsync("web.home.test", "/", "X-Real-IP: 1.2.3.4\r\n")).Text);
    }

    [SkippableFact]
    public async Task Nginx_believes_nobody_but_the_gateway()
    {
        await using WebNginx nginx = await WebNginx.StartAsync("web", "nginx-behind-passthrough.conf", "nginx-behind-http.conf");
        IPAddress from = Loopback.NextAddress();
        using WireClient client = await WireClient.ConnectAsync(nginx.Http, null, from);
        Assert.Equal($"web http {from} 1.2.3.4\n", (await client.GetAsync("web.home.test", "/", "X-Real-IP: 1.2.3.4\r\n")).Text);
    }

    [SkippableFact]
    public async Task Apache_sees_the_client_in_the_header_and_in_PROXY()
    {
        await using Apache apache = await Apache.StartAsync();
        IPEndPoint door = Loopback.NextV4();
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Bare()
            .Site("site", HttpRooms.SiteName, $"http://{apache.V4}")
            .Listen("web", "tcp", door, ("backend", apache.Proxied.ToString()), ("proxy-protocol", "v2")));
        IPAddress from = Loopback.NextAddress();
        using WireClient site = await gateway.EnterAsync(HttpRoom.Offload, from);
        WireResponse response = await site.GetAsync(HttpRooms.SiteName, "/", "X-Forwarded-For: 1.2.3.4\r\n");
        Assert.Equal(("apache\n", from.ToString()), (response.Text, response["x-client"]));
        using WireClient proxied = await WireClient.ConnectAsync(door, null, from);
        response = await proxied.GetAsync("web.home.test");
        Assert.Equal(("apache\n", from.ToString()), (response.Text, response["x-client"]));
    }

    [SkippableFact]
    public async Task Haproxy_sees_the_client_in_PROXY_and_in_the_header_and_hands_it_on()
    {
        Tool.Require("curl");
        await using SnippetHaproxy haproxy = await SnippetHaproxy.StartAsync();
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Bare()
            .Passthrough("web", "web.home.test", haproxy.V4.ToString(), ("proxy-protocol", "v2"), ("proxy-tlv", "authority, unique-id"))
            .Site("site", HttpRooms.SiteName, $"http://{haproxy.Http}"));
        string from = Loopback.NextAddress().ToString();
        Assert.Equal($"haproxy {from} {from} {from}", (await Curl.AskAsync("web.home.test", gateway.Https, "--interface", from)).Body);
        using WireClient site = await gateway.EnterAsync(HttpRoom.Offload, IPAddress.Parse(from));
        Assert.StartsWith($"haproxy {from} {from}", (await site.GetAsync(HttpRooms.SiteName)).Text, StringComparison.Ordinal);
    }
}
