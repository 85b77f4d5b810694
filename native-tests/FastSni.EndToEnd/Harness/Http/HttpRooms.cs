using System.Net;

namespace FastSni.EndToEnd.Harness;

/// <summary>The two ways by which a request comes in.</summary>
internal enum HttpRoom
{
    /// <summary>TLS ends in the gateway.</summary>
    Offload,
    /// <summary>Port 80, for a passthrough name.</summary>
    Plain,
}

/// <summary>A gateway with one name in each room, and whatever host a request names led to the same backend.</summary>
internal static class HttpRooms
{
    public const string SiteName = "site.home.test", PlainName = "plain.home.test";

    public static string NameIn(HttpRoom room) => room == HttpRoom.Offload ? SiteName : PlainName;

    /// <summary>Listeners https and http. Servers may be several, with commas.</summary>
    /// <param name="plainServers">As `http-backend`; the site's without their schemes if left out.</param>
    public static GatewayConfig Config(string siteServers, string? plainServers = null) => Bare()
        .Set("listen:https", "action", "offload:site")
        .Set("listen:http", "action", "passthrough:plain")
        .Site("site", SiteName, siteServers)
        .Passthrough("plain", PlainName, Loopback.NextV4().ToString(), ("http-backend", plainServers ?? siteServers.Replace("http://", "", StringComparison.Ordinal)));

    /// <summary>Listeners https and http, and nobody behind them.</summary>
    public static GatewayConfig Bare() => GatewayConfig.Https().Listen("http", "http", Loopback.NextV4());

    /// <summary>An offload section with the tests' certificate for *.home.test.</summary>
    public static GatewayConfig Site(this GatewayConfig config, string name, string names, string servers, params (string Key, string Value)[] more)
    {
        (string Key, string Value)[] keys =
        [
            ("names", names), ("backend", servers), ("certificate", TestCertificates.Shared.ServerPath), ("certificate-key", TestCertificates.Shared.ServerPath), .. more,
        ];
        foreach ((string key, string value) in keys)
            config.Set($"offload:{name}", key, value);
        return config;
    }

    /// <summary>The key in the section of the room's name.</summary>
    public static GatewayConfig SetIn(this GatewayConfig config, HttpRoom room, string key, string value) =>
        config.Set(room == HttpRoom.Offload ? "offload:site" : "passthrough:plain", key, value);

    public static Task<WireClient> EnterAsync(this Gateway gateway, HttpRoom room, IPAddress? from = null) => room == HttpRoom.Offload
        ? WireClient.ConnectAsync(gateway.Https, SiteName, from)
        : WireClient.ConnectAsync(gateway.Config.EndPoint("http"), null, from);

    public static async Task<WireResponse> GetAsync(this Gateway gateway, HttpRoom room, string path = "/", string headers = "")
    {
        using WireClient client = await gateway.EnterAsync(room);
        return await client.GetAsync(NameIn(room), path, headers);
    }
}
