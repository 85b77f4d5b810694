using System.Net;
using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Proxy;

/// <summary>haproxy or nginx in front, the gateway, nginx or haproxy behind: who answers tells the address that curl really has.</summary>
[Collection(Alone.Name)]
public sealed class ProxyChainTests
{
    private const AddressFamily V4 = AddressFamily.InterNetwork, V6 = AddressFamily.InterNetworkV6;

    [SkippableTheory]
    [InlineData("send-proxy")]
    [InlineData("send-proxy-v2")]
    [InlineData("send-proxy-v2 proxy-v2-options crc32c,unique-id,authority")]
    [InlineData("send-proxy-v2-ssl-cn proxy-v2-options ssl,cert-cn,ssl-cipher,cert-sig,cert-key,crc32c,unique-id")]
    public Task Behind_haproxy_every_server_knows_the_real_client(string options) =>
        AssertKnownAsync(gateway => ProxyFront.HaproxyAsync(gateway, options));

    [SkippableFact]
    public Task Behind_nginx_every_server_knows_the_real_client() => AssertKnownAsync(ProxyFront.NginxAsync);

    [Theory]
    [InlineData("v1", "v1")]
    [InlineData("v1", "v2")]
    [InlineData("v2", "v1")]
    [InlineData("v2", "v2")]
    public async Task Through_two_gateways_and_IPv6_listeners_an_IPv4_client_stays_what_it_is(string between, string behind)
    {
        using TestBackend backend = TestBackend.Start("a", at: Loopback.NextV6());
        await using Gateway inner = await Gateway.StartAsync(GatewayConfig.Https(family: V6)
            .Set("listen:https", "accept-proxy", "require").Gateway("trusted-proxies", "::1").Passthrough("a", "a.home.test", backend.Address, ("proxy-protocol", behind)));
        int port = Loopback.NextPort();
        await using Gateway outer = await Gateway.StartAsync(new GatewayConfig()
            .ListenEverywhere("https", "tls", port).Passthrough("a", "*.home.test", inner.Https.ToString(), ("proxy-protocol", between), ("proxy-tlv", between == "v2" ? "authority, alpn, unique-id, crc32c" : "none")));
        foreach (IPAddress door in new[] { Loopback.NextAddress(), IPAddress.IPv6Loopback })
        {
            using TestClient client = await TestClient.ConnectAsync(new IPEndPoint(door, port));
            Assert.Equal($"a {client.LocalEndPoint}", await client.AskAsync("a.home.test"));
            ProxyHeader header = (await backend.SessionOfAsync(client.LocalEndPoint)).Header!;
            string family = door.AddressFamily == V4 ? "TCP4" : "TCP6";
            Assert.Equal((family, client.LocalEndPoint, new IPEndPoint(door, port)), (header.Family, header.Source, header.Destination));
            client.ShutdownSend();
            await client.ReceiveToEndAsync();
            Assert.Equal("complete", await inner.AccessLog.EndOfAsync(client.LocalEndPoint));
            Assert.Equal("complete", await outer.AccessLog.EndOfAsync(client.LocalEndPoint));
        }
        backend.AssertNoFaults();
    }

    private static async Task AssertKnownAsync(Func<IPEndPoint, Task<ProxyFront>> startAsync)
    {
        Tool.Require("curl");
        await using Nginx nginx = await Nginx.StartAsync("nginx");
        await using Haproxy haproxy = await Haproxy.StartAsync("haproxy");
        (string Key, string Value)[] required = [("accept-proxy", "require"), ("trusted-proxies", "127.0.0.0/8, ::1")];
        GatewayConfig config = new GatewayConfig(workers: 2).Listen("v4", "tls", Loopback.NextV4(), required).Listen("v6", "tls", Loopback.NextV6(), required);
        foreach (string version in new[] { "v1", "v2" })
        {
            config.Passthrough($"nginx-{version}", $"nginx-{version}.home.test", nginx.EndPoint(version == "v1" ? V4 : V6).ToString(), ("proxy-protocol", version));
            config.Passthrough($"haproxy-{version}", $"haproxy-{version}.home.test", haproxy.EndPoint(version == "v1" ? V6 : V4).ToString(), ("proxy-protocol", version));
        }
        await using Gateway gateway = await Gateway.StartAsync(config);
        foreach (string listener in new[] { "v4", "v6" })
        {
            await using ProxyFront front = await startAsync(config.EndPoint(listener));
            IPEndPoint[] doors = [front.V4, front.V6, new(Loopback.NextAddress(), front.Everywhere.Port)];
            await Parallel.ForEachAsync(doors, async (door, _) =>
            {
                string from = door.AddressFamily == V4 ? Loopback.NextAddress().ToString() : "::1";
                foreach (string section in new[] { "nginx-v1", "nginx-v2", "haproxy-v1", "haproxy-v2" })
                    await AssertKnownAsync(gateway, section, door, from);
            });
        }
    }

    private static async Task AssertKnownAsync(Gateway gateway, string section, IPEndPoint door, string from)
    {
        (string body, string address, string port, _) = await Curl.AskAsync($"{section}.home.test", door, "--interface", from);
        Assert.StartsWith($"{section.Split('-')[0]} {address} {port}", body, StringComparison.Ordinal);
        Assert.Equal(from, address);
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(IPEndPoint.Parse(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]:{port}" : $"{address}:{port}"));
        Assert.Equal(($"passthrough:{section}", $"{section}.home.test", "complete"), (line.Route, line.Name, line.End));
    }
}
