using System.Net;
using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>What a backend is told of the client, and what of a client's own telling it never sees.</summary>
public sealed class ForwardedHeaderTests : IDisposable
{
    private const string Name = "app.home.test";

    private readonly HttpBackend _backend = HttpBackend.Start("app");
    private readonly IssuedCertificate _certificate = TestCertificates.Shared.Authority.Issue(Name);

    public void Dispose() => _backend.Dispose();

    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task A_backend_is_told_address_scheme_host_and_port_once_each(AddressFamily family)
    {
        await using Gateway gateway = await StartAsync(GatewayConfig.Https(family: family));
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        string host = $"{Name}:{gateway.Https.Port}";
        Assert.Equal(200, (await client.GetAsync(host)).Status);
        HttpHead head = (await _backend.NextAsync()).Head;
        string address = client.LocalEndPoint.Address.ToString();
        Assert.Equal(host, head.Value("Host"));
        Assert.Equal(address, head.Value("X-Forwarded-For"));
        Assert.Equal(address, head.Value("X-Real-IP"));
        Assert.Equal("https", head.Value("X-Forwarded-Proto"));
        Assert.Equal(host, head.Value("X-Forwarded-Host"));
        Assert.Equal($"{gateway.Https.Port}", head.Value("X-Forwarded-Port"));
        string forwarded = head.Value("Forwarded");
        Assert.Contains(family == AddressFamily.InterNetwork ? $"for={address}" : $"for=\"[{address}]\"", forwarded, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("proto=https", forwarded, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"host=\"{host}\"", forwarded, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(',', forwarded);
    }

    public static TheoryData<string> Lies => new()
    {
        "X-Forwarded-For: 203.0.113.66",
        "X-Forwarded-For: 203.0.113.66, 203.0.113.66\r\nX-Forwarded-For: 203.0.113.66",
        "x-forwarded-for: 203.0.113.66\r\nX-FORWARDED-FOR: 203.0.113.66",
        "X_Forwarded_For: 203.0.113.66",
        "X-Forwarded_For: 203.0.113.66",
        "X-Real-IP: 203.0.113.66\r\nX_Real_IP: 203.0.113.66",
        "X-Forwarded-Proto: 203.0.113.66\r\nX_Forwarded_Proto: 203.0.113.66",
        "X-Forwarded-Host: 203.0.113.66\r\nX-Forwarded-Port: 203.0.113.66\r\nX-Forwarded-Server: 203.0.113.66",
        "X-Forwarded-Prefix: 203.0.113.66",
        "Forwarded: for=203.0.113.66;proto=http;host=203.0.113.66",
        "True-Client-IP: 203.0.113.66\r\nClient-IP: 203.0.113.66\r\nX-Client-IP: 203.0.113.66\r\nX-Cluster-Client-IP: 203.0.113.66",
        "Connection: X-Forwarded-For, X-Real-IP, X-Forwarded-Proto, Forwarded, Host\r\nX-Forwarded-For: 203.0.113.66",
        "Connection: x-private\r\nX-Private: 203.0.113.66",
        "Keep-Alive: 203.0.113.66\r\nProxy-Connection: 203.0.113.66\r\nTE: 203.0.113.66\r\nTrailer: 203.0.113.66",
        "Proxy-Authorization: 203.0.113.66",
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task What_a_client_invents_about_itself_does_not_reach_the_backend(string lines)
    {
        await using Gateway gateway = await StartAsync(GatewayConfig.Https());
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        HttpAnswer answer = await client.AskAsync($"GET / HTTP/1.1\r\nHost: {Name}\r\n{lines}\r\nX-Own: kept\r\n\r\n");
        Assert.Equal(200, answer.Status);
        HttpHead head = (await _backend.NextAsync()).Head;
        Assert.DoesNotContain("203.0.113.66", head.Raw, StringComparison.Ordinal);
        AssertTruth(head, client.LocalEndPoint.Address);
        Assert.Equal("kept", head.Value("X-Own"));
        foreach (string hop in new[] { "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade", "Proxy-Authorization", "X-Private" })
            Assert.False(head.Has(hop), head.Raw);
    }

    [SkippableFact]
    public async Task By_h2_it_is_the_same()
    {
        Tool.Require("curl");
        await using Gateway gateway = await StartAsync(GatewayConfig.Https());
        IPAddress from = Loopback.NextAddress();
        ToolResult result = await Curl.RunAsync(
            Name, "/head", gateway.Https, "--http2", "--interface", from.ToString(),
            "-H", "X-Forwarded-For: 203.0.113.66", "-H", "X_Forwarded_For: 203.0.113.66", "-H", "Forwarded: for=203.0.113.66", "-H", "X-Own: kept");
        result.AssertSuccess();
        HttpHead head = (await _backend.NextAsync()).Head;
        Assert.DoesNotContain("203.0.113.66", head.Raw, StringComparison.Ordinal);
        AssertTruth(head, from);
        Assert.Equal("kept", head.Value("X-Own"));
        // The h2 client's :authority is the backend's Host.
        Assert.Equal($"{Name}:{gateway.Https.Port}", head.Value("Host"));
    }

    [Fact]
    public async Task A_trusted_proxys_word_is_believed_and_the_chain_goes_on()
    {
        IPAddress proxy = Loopback.NextAddress();
        await using Gateway gateway = await StartAsync(GatewayConfig.Https().Gateway("trusted-proxies", $"{proxy}/32"));
        await using TlsClient trusted = await TlsClient.ConnectAsync(gateway.Https, new TlsWish(Name), proxy);
        await trusted.AskAsync($"GET / HTTP/1.1\r\nHost: {Name}\r\nX-Forwarded-For: 203.0.113.66\r\n\r\n");
        HttpHead head = (await _backend.NextAsync()).Head;
        Assert.StartsWith("203.0.113.66", head.Value("X-Forwarded-For"), StringComparison.Ordinal);
        Assert.Equal("203.0.113.66", head.Value("X-Real-IP"));
        await using TlsClient stranger = await TlsClient.ConnectAsync(gateway.Https, Name);
        await stranger.AskAsync($"GET / HTTP/1.1\r\nHost: {Name}\r\nX-Forwarded-For: 203.0.113.66\r\n\r\n");
        AssertTruth((await _backend.NextAsync()).Head, stranger.LocalEndPoint.Address);
    }

    private static void AssertTruth(HttpHead head, IPAddress client)
    {
        Assert.Equal(client.ToString(), head.Value("X-Forwarded-For"));
        Assert.Equal(client.ToString(), head.Value("X-Real-IP"));
        Assert.Equal("https", head.Value("X-Forwarded-Proto"));
        Assert.StartsWith(Name, head.Value("Host"), StringComparison.Ordinal);
        Assert.Contains($"for={client}", head.Value("Forwarded"), StringComparison.OrdinalIgnoreCase);
    }

    private Task<Gateway> StartAsync(GatewayConfig config) => Gateway.StartAsync(config.Offload("app", Name, _backend, _certificate));
}
