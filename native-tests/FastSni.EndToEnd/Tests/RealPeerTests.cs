using System.Net;
using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>
/// curl, openssl and gnutls-cli through the gateway to nginx and haproxy. Each server answers with its name and the client it was told of.
/// </summary>
[Collection(Alone.Name)]
public sealed class RealPeerTests : IAsyncLifetime
{
    private const string NginxName = "nginx.home.test", HaproxyName = "haproxy.home.test";
    private const AddressFamily V4 = AddressFamily.InterNetwork, V6 = AddressFamily.InterNetworkV6;

    private Nginx? _nginx;
    private Haproxy? _haproxy;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_nginx is not null)
            await _nginx.DisposeAsync();
        if (_haproxy is not null)
            await _haproxy.DisposeAsync();
    }

    [SkippableTheory]
    [InlineData("v1", V4, V4, 1)]
    [InlineData("v1", V4, V4, 2)]
    [InlineData("v1", V6, V6, 1)]
    [InlineData("v1", V4, V6, 1)]
    [InlineData("v1", V6, V4, 1)]
    [InlineData("v2", V4, V4, 2)]
    [InlineData("v2", V6, V6, 1)]
    [InlineData("v2", V4, V6, 1)]
    [InlineData("v2", V6, V4, 1)]
    public async Task Curl_reaches_the_server_of_the_name_which_knows_its_real_address(
        string proxy, AddressFamily client, AddressFamily behind, int workers)
    {
        await using Gateway gateway = await StartAsync(client, behind, proxy, workers);
        foreach ((string serverName, string answer) in new[] { (NginxName, "nginx-a"), (HaproxyName, "haproxy-b") })
        {
            foreach (string version in new[] { "--http1.1", "--http2" })
            {
                string from = From(client).ToString();
                (string body, string address, string port, string http) =
                    await Curl.AskAsync(serverName, gateway.Https, version, "--interface", from);
                Assert.StartsWith($"{answer} {address} {port}", body, StringComparison.Ordinal);
                Assert.Equal((from, version == "--http2" ? "2" : "1.1"), (address, http));
            }
        }
    }

    [SkippableTheory]
    [InlineData("-tls1_2", V4)]
    [InlineData("-tls1_3", V4)]
    [InlineData("-tls1_2", V6)]
    [InlineData("-tls1_3", V6)]
    public async Task Openssl_reaches_the_server_of_the_name_which_knows_its_real_address(string version, AddressFamily family)
    {
        await using Gateway gateway = await StartAsync(family, family, "v1");
        foreach ((string serverName, string answer) in new[] { (NginxName, "nginx-a"), (HaproxyName, "haproxy-b") })
        {
            string[] from = family == V4 ? ["-bind", $"{From(family)}:0"] : [];
            string heard = await OpenSslClient.AskAsync(serverName, gateway.Https, wanted: $"{answer} ", [version, .. from]);
            Assert.Contains($"{answer} {(family == V4 ? from[1][..^2] : "::1")} ", heard, StringComparison.Ordinal);
        }
    }

    [SkippableTheory]
    [InlineData("NORMAL:-VERS-ALL:+VERS-TLS1.2", V4)]
    [InlineData("NORMAL:-VERS-ALL:+VERS-TLS1.3", V4)]
    [InlineData("NORMAL:-VERS-ALL:+VERS-TLS1.3", V6)]
    public async Task Gnutls_reaches_the_server_of_the_name(string priority, AddressFamily family)
    {
        await using Gateway gateway = await StartAsync(family, family, "v2");
        foreach ((string serverName, string answer) in new[] { (NginxName, "nginx-a"), (HaproxyName, "haproxy-b") })
        {
            // gnutls-cli has no option for its own address: the kernel gives it one of loopback's.
            string heard = await GnutlsClient.AskAsync(serverName, gateway.Https, wanted: $"{answer} ", priority);
            Assert.Contains($"{answer} {(family == V4 ? "127." : "::1 ")}", heard, StringComparison.Ordinal);
        }
    }

    [SkippableTheory]
    [InlineData("--tls-max 1.2 --tlsv1.2")]
    [InlineData("--tlsv1.3")]
    public async Task Curl_makes_its_handshake_in_the_version_it_wants(string version)
    {
        await using Gateway gateway = await StartAsync(V4, V4, "v1");
        foreach (string serverName in new[] { NginxName, HaproxyName })
            await Curl.AskAsync(serverName, gateway.Https, version.Split(' '));
    }

    [SkippableTheory]
    [InlineData(V4)]
    [InlineData(V6)]
    public async Task Haproxy_accepts_every_TLV_and_reads_what_it_was_told(AddressFamily family)
    {
        await using Gateway gateway = await StartAsync(family, family, "v2", tlvs: "authority, alpn, unique-id, crc32c");
        HashSet<string> ids = [];
        for (int run = 0; run < 5; run++)
        {
            (string body, string address, string port, _) = await Curl.AskAsync(HaproxyName, gateway.Https, "--interface", From(family).ToString());
            string[] parts = body.Split(' ');
            Assert.Equal(["haproxy-b", address, port, HaproxyName], parts[..4]);
            Assert.True(parts[4].Length > 1 && ids.Add(parts[4]), body);
        }
    }

    [SkippableFact]
    public async Task Nginx_of_any_version_accepts_the_TLVs_that_fit_in_107_bytes()
    {
        await using Gateway gateway = await StartAsync(V4, V4, "v2", tlvs: "authority, crc32c");
        (string body, string address, string port, _) = await Curl.AskAsync(NginxName, gateway.Https);
        Assert.Equal($"nginx-a {address} {port}", body);
    }

    [SkippableFact]
    public async Task Nginx_accepts_every_TLV_where_its_version_reads_so_much()
    {
        Skip.If(await Nginx.VersionAsync() < new Version(1, 23, 3), "this nginx reads at most 107 bytes of PROXY header");
        await using Gateway gateway = await StartAsync(V6, V6, "v2", tlvs: "authority, alpn, unique-id, crc32c");
        (string body, string address, string port, _) = await Curl.AskAsync(NginxName, gateway.Https);
        Assert.Equal($"nginx-a {address} {port}", body);
    }

    [SkippableTheory]
    [InlineData("v1", V4)]
    [InlineData("v1", V6)]
    [InlineData("v2", V4)]
    [InlineData("v2", V6)]
    public async Task On_a_listener_for_every_address_nginx_and_haproxy_agree_about_the_client(string proxy, AddressFamily family)
    {
        int port = Loopback.NextPort();
        GatewayConfig config = new GatewayConfig(workers: 2).ListenEverywhere("https", "tls", port);
        await using Gateway gateway = await StartAsync(config, V4, proxy);
        IPEndPoint door = new(family == V4 ? Loopback.NextAddress() : IPAddress.IPv6Loopback, port);
        foreach ((string serverName, string answer) in new[] { (NginxName, "nginx-a"), (HaproxyName, "haproxy-b") })
        {
            (string body, string address, string localPort, _) = await Curl.AskAsync(serverName, door, "--interface", From(family).ToString());
            Assert.StartsWith($"{answer} {address} {localPort}", body, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task A_name_without_a_section_tells_a_real_client_so()
    {
        await using Gateway gateway = await StartAsync(V4, V4, "v1");
        ToolResult result = await Curl.RunAsync("nobody.home.test", "/", gateway.Https);
        Assert.Equal(35, result.ExitCode);
        Assert.Contains("unrecognized name", result.Error, StringComparison.OrdinalIgnoreCase);
    }

    private static IPAddress From(AddressFamily family) => family == V4 ? Loopback.NextAddress() : IPAddress.IPv6Loopback;

    private Task<Gateway> StartAsync(AddressFamily client, AddressFamily behind, string proxy, int workers = 1, string? tlvs = null) =>
        StartAsync(GatewayConfig.Https(workers, client), behind, proxy, tlvs);

    private async Task<Gateway> StartAsync(GatewayConfig config, AddressFamily behind, string proxy, string? tlvs = null)
    {
        Tool.Require("curl");
        _nginx = await Nginx.StartAsync("nginx-a");
        _haproxy = await Haproxy.StartAsync("haproxy-b");
        (string Key, string Value)[] keys = [("proxy-protocol", proxy), .. tlvs is null ? [] : new[] { ("proxy-tlv", tlvs) }];
        return await Gateway.StartAsync(config
            .Passthrough("nginx", NginxName, _nginx.EndPoint(behind).ToString(), keys)
            .Passthrough("haproxy", HaproxyName, _haproxy.EndPoint(behind).ToString(), keys));
    }
}
