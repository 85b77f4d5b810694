using FastSni.Config;
using FastSni.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace FastSni.Tests.Http;

public class RequestCheckTests
{
    private static readonly Listener Https = Pieces.Listener(ListenMode.Tls, RouteTable.Empty, RouteAction.Offload, 443);
    private static readonly Snapshot Snapshot = Pieces.Snapshot([], Https);

    [Theory]
    [InlineData("GET", "/", "Example.org.:443", "example.org", "/")]
    [InlineData("GET", "/a?b=/../c", "a.org", "a.org", "/a?b=/../c")]
    [InlineData("GET", "/?q=a\\b", "a.org", "a.org", "/?q=a\\b")]
    [InlineData("GET", "/?100%", "a.org", "a.org", "/?100%")]
    [InlineData("GET", "https://A.org/x?y", "a.org", "a.org", "/x?y")]
    [InlineData("GET", "HTTPS://a.org:8443?y", "a.org:8443", "a.org", "/?y")]
    [InlineData("GET", "https://a.org", "a.org", "a.org", "/")]
    [InlineData("OPTIONS", "*", "a.org", "a.org", "*")]
    [InlineData("OPTIONS", "https://a.org", "a.org", "a.org", "*")]
    [InlineData("OPTIONS", "https://a.org/", "a.org", "a.org", "/")]
    [InlineData("OPTIONS", "https://a.org?y", "a.org", "a.org", "/?y")]
    [InlineData("PROPFIND", "/dav", "[::1]:443", "[::1]", "/dav")]
    public void A_sound_request_is_read(string method, string raw, string host, string canonical, string text)
    {
        Exchange exchange = new RequestRig(Snapshot, Https).Begin(method, raw, host);
        Assert.True(RequestCheck.TryRead(exchange, out RequestTarget target, out _));
        Assert.Equal((canonical, text, target), (exchange.Host, target.Text, exchange.Target));
    }

    [Theory]
    [InlineData("GET", "/", null)]
    [InlineData("GET", "/", "")]
    [InlineData("GET", "/", "a.org, a.org")]
    [InlineData("GET", "/", "a.org, b.org")]
    [InlineData("GET", "/", "a.org/")]
    [InlineData("GET", "*", "a.org")]
    [InlineData("GET", "", "a.org")]
    [InlineData("GET", "x", "a.org")]
    [InlineData("GET", "?x", "a.org")]
    [InlineData("GET", "a.org:443", "a.org")]
    [InlineData("GET", "/a#b", "a.org")]
    [InlineData("GET", "/a b", "a.org")]
    [InlineData("GET", "/a?b\r\nc", "a.org")]
    [InlineData("GET", "/a\u007F", "a.org")]
    [InlineData("GET", "/\u00FC", "a.org")]
    [InlineData("GET", "/\\evil.example", "a.org")]
    [InlineData("GET", "/%", "a.org")]
    [InlineData("GET", "https://b.org/", "a.org")]
    [InlineData("GET", "https://a.org:444/", "a.org")]
    [InlineData("GET", "https://a.org/", null)]
    [InlineData("GET", "https://u@a.org/", "a.org")]
    [InlineData("GET", "https:///x", "a.org")]
    [InlineData("GET", "http://a.org/", "a.org")]
    [InlineData("GET", "ftp://a.org/", "a.org")]
    [InlineData("OPTIONS", "**", "a.org")]
    public void What_no_backend_may_see_is_400(string method, string raw, string? host)
    {
        Exchange exchange = new RequestRig(Snapshot, Https).Begin(method, raw, host);
        Assert.False(RequestCheck.TryRead(exchange, out _, out int refusal));
        Assert.Equal((400, ""), (refusal, exchange.Host));
    }

    [Theory]
    [InlineData("TRACE", "/")]
    [InlineData("trace", "/")]
    [InlineData("CONNECT", "a.org:443")]
    [InlineData("Connect", "/")]
    public void Tracing_and_tunnels_are_405(string method, string raw)
    {
        Exchange exchange = new RequestRig(Snapshot, Https).Begin(method, raw, "a.org");
        Assert.False(RequestCheck.TryRead(exchange, out _, out int refusal));
        Assert.Equal(405, refusal);
        Assert.Contains("GET", exchange.Response.Headers.Allow.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "websocket", true)]
    [InlineData(true, "WebSocket", true)]
    [InlineData(true, "connect-udp", false)]
    [InlineData(true, null, false)]
    [InlineData(false, "websocket", false)]
    public void Only_a_WebSocket_may_open_a_tunnel(bool isExtended, string? protocol, bool isRead)
    {
        RequestRig rig = new(Snapshot, Https) { ExtendedConnect = new ConnectFeature(isExtended, protocol) };
        Assert.Equal(isRead, RequestCheck.TryRead(rig.Begin("CONNECT", "/chat", "a.org"), out _, out _));
    }

    private sealed record ConnectFeature(bool IsExtendedConnect, string? Protocol) : IHttpExtendedConnectFeature
    {
        public ValueTask<Stream> AcceptAsync() => throw new NotSupportedException();
    }
}
