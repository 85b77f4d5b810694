using System.Net;
using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>
/// All that the guide FastSni replaces sets up, at once: names passed through to a real nginx with the PROXY protocol, another name offloaded to a real
/// nginx over HTTP, and port 80 for both, over IPv4 and IPv6. Each server answers with the client's address as it saw it.
/// </summary>
public sealed class WholeHouseTests
{
    private const string Yunohost = "yunohost.home.test", App = "app.home.test";

    [SkippableTheory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task Every_server_knows_its_real_client(AddressFamily family)
    {
        await using WebNginx yunohost = await StartNginxAsync("yunohost", "yunohost-https.inc", "yunohost-http.inc");
        await using WebNginx app = await StartNginxAsync("app", "nginx-behind-passthrough.conf", "nginx-behind-http.conf");
        await using Gateway gateway = await StartAsync(yunohost, app);
        for (int client = 0; client < 3; client++)
        {
            IPAddress from = family == AddressFamily.InterNetwork ? Loopback.NextAddress() : IPAddress.IPv6Loopback;
            IPEndPoint https = Door(gateway, "https", family), http = Door(gateway, "http", family);
            foreach (string version in new[] { "--http1.1", "--http2" })
            {
                Assert.Equal($"yunohost https {from} -", (await Curl.AskAsync(Yunohost, https, version, "--interface", from.ToString())).Body);
                Assert.Equal($"app http {from} {from}", (await Curl.AskAsync(App, https, version, "--interface", from.ToString())).Body);
            }
            using WireClient plain = await WireClient.ConnectAsync(http, null, from);
            Assert.Equal($"yunohost http {from} {from}\n", (await plain.GetAsync(Yunohost)).Text);
            Assert.Equal((301, $"https://{App}:{https.Port}/x?y"), Redirect(await plain.GetAsync(App, "/x?y")));
        }
    }

    [SkippableFact]
    public async Task Redirects_and_challenges_of_a_passthrough_name_are_its_servers()
    {
        await using WebNginx yunohost = await StartNginxAsync("yunohost", "yunohost-https.inc", "yunohost-http.inc");
        await using WebNginx app = await StartNginxAsync("app", "nginx-behind-passthrough.conf", "nginx-behind-http.conf");
        await using Gateway gateway = await StartAsync(yunohost, app);
        using WireClient plain = await WireClient.ConnectAsync(Door(gateway, "http", AddressFamily.InterNetwork), null);
        Assert.Equal((301, $"https://{Yunohost}/go/x?y"), Redirect(await plain.GetAsync(Yunohost, "/go/x?y")));
        Assert.Equal("yunohost challenge\n", (await plain.GetAsync(Yunohost, "/.well-known/acme-challenge/token")).Text);
        Assert.Equal((404, null), Redirect(await plain.GetAsync(App, "/.well-known/acme-challenge/token")));
        Assert.Equal((404, null), Redirect(await plain.GetAsync("nobody.home.test")));
    }

    private static (int Status, string? Location) Redirect(WireResponse response) => (response.Status, response["location"]);

    private static IPEndPoint Door(Gateway gateway, string listener, AddressFamily family) =>
        new(family == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, gateway.Config.EndPoint(listener).Port);

    private static Task<WebNginx> StartNginxAsync(string name, string tls, string http)
    {
        Tool.Require("curl");
        return WebNginx.StartAsync(name, tls, http);
    }

    private static Task<Gateway> StartAsync(WebNginx yunohost, WebNginx app) => Gateway.StartAsync(new GatewayConfig()
        .ListenEverywhere("https", "tls", Loopback.NextPort())
        .ListenEverywhere("http", "http", Loopback.NextPort())
        .Default("action", "offload")
        .Passthrough("yunohost", $"{Yunohost}, *.{Yunohost}", yunohost.V4.ToString(), ("proxy-protocol", "v1"), ("http-backend", yunohost.Http.ToString()))
        .Site("app", App, $"http://{app.Http}"));
}
