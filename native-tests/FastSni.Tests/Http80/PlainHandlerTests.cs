using FastSni.Config;
using FastSni.Http;
using FastSni.Http80;
using FastSni.Tests.Http;
using Xunit;

namespace FastSni.Tests.Http80;

public class PlainHandlerTests
{
    private static readonly PassthroughSection Mapped = Pieces.Passthrough(0, "mapped", hasHttpBackend: true);
    private static readonly PassthroughSection Silent = Pieces.Passthrough(1, "silent", hasHttpBackend: false);
    private static readonly OffloadSection App = Pieces.Offload(2, "app", Pieces.Shared);
    private static readonly OffloadSection Elsewhere = Pieces.Offload(3, "elsewhere", Pieces.Shared);

    private static readonly RouteTable Names = RouteTable.Create(
        ("mapped.example", 0), ("*.silent.example", 1), ("app.example", 2), ("elsewhere.example", 3));

    private static readonly RouteTable NamesOf443 = RouteTable.Create(("mapped.example", 0), ("*.silent.example", 1), ("app.example", 2), ("*.example", 0));

    [Theory]
    [InlineData("GET", "mapped.example", "/")]
    [InlineData("POST", "MAPPED.example.:80", "//x")]
    [InlineData("GET", "mapped.example", "/.well-known/acme-challenge/token")]
    public async Task A_mapped_name_goes_to_its_own_backend(string method, string host, string target)
    {
        RequestRig rig = Rig(RouteAction.Reject);
        Exchange exchange = await AskAsync(rig, method, host, target);
        Assert.Equal(["passthrough:mapped"], rig.Forwarded);
        Assert.Equal("passthrough:mapped", exchange.Route);
    }

    [Theory]
    [InlineData("GET", 301, "App.Example:80", "/a/../b%2F?x=//y&z=\\", "https://app.example/a/../b%2F?x=//y&z=\\")]
    [InlineData("HEAD", 301, "app.example", "/", "https://app.example/")]
    [InlineData("POST", 308, "app.example", "/?q", "https://app.example/?q")]
    [InlineData("DELETE", 308, "app.example.:8080", "/a", "https://app.example/a")]
    [InlineData("OPTIONS", 308, "app.example", "*", "https://app.example/")]
    [InlineData("GET", 301, "a.silent.example", "/x", "https://a.silent.example/x")]
    [InlineData("GET", 301, "a.silent.example", "/.well-known/acme-challenge/token", "https://a.silent.example/.well-known/acme-challenge/token")]
    [InlineData("GET", 301, "elsewhere.example", "/x", "https://elsewhere.example:8443/x")]
    [InlineData("GET", 301, "app.example", "http://APP.example?x", "https://app.example/?x")]
    public async Task Everything_else_goes_to_https_with_path_and_query(string method, int status, string host, string target, string location)
    {
        RequestRig rig = Rig(RouteAction.Reject);
        Exchange exchange = await AskAsync(rig, method, host, target);
        Assert.Equal((status, location, "redirect"), (exchange.Response.StatusCode, exchange.Response.Headers.Location.ToString(), exchange.Route));
        Assert.Equal(0, exchange.Response.Headers.ContentLength);
        Assert.Empty(rig.Forwarded);
        Assert.Equal("", rig.Body);
    }

    [Theory]
    [InlineData("app.example", "//evil.example")]
    [InlineData("app.example", "//evil.example/%2e%2e")]
    [InlineData("app.example", "/\\evil.example")]
    [InlineData("app.example", "\\\\evil.example")]
    [InlineData("app.example", "/x\r\nLocation: https://evil.example")]
    [InlineData("app.example", "http://evil.example/")]
    [InlineData("app.example", "http://app.example@evil.example/")]
    [InlineData("app.example", "http://app.example//evil.example")]
    [InlineData("app.example", "@evil.example")]
    [InlineData("app.example@evil.example", "/")]
    [InlineData("app.example\r\nX: y", "/")]
    [InlineData("app.example, evil.example", "/")]
    [InlineData("", "/")]
    public async Task There_is_no_way_to_another_host(string host, string target)
    {
        RequestRig rig = Rig(RouteAction.To(App));
        Exchange exchange = await AskAsync(rig, "GET", host, target);
        Assert.Equal((400, "-", "400 Bad Request\n"), (exchange.Response.StatusCode, exchange.Route, rig.Body));
        Assert.False(exchange.Response.Headers.ContainsKey("Location"));
    }

    [Fact]
    public async Task A_host_that_nobody_has_follows_the_action()
    {
        Assert.Equal((404, "reject"), await AnswerAsync(RouteAction.Reject));
        Assert.Equal((404, "reject"), await AnswerAsync(RouteAction.Offload));
        Assert.Equal((301, "redirect"), await AnswerAsync(RouteAction.To(App)));
        Assert.Equal((301, "redirect"), await AnswerAsync(RouteAction.To(Silent)));
        Assert.Equal((200, "passthrough:mapped"), await AnswerAsync(RouteAction.To(Mapped)));

        static async Task<(int, string)> AnswerAsync(RouteAction action)
        {
            Exchange exchange = await AskAsync(Rig(action), "GET", "nobody.test", "/");
            return (exchange.Response.StatusCode, exchange.Route);
        }
    }

    [Fact]
    public async Task The_redirect_of_an_action_leads_where_that_action_is_in_force()
    {
        Listener http = Pieces.Listener(ListenMode.Http, Names, RouteAction.To(App), 80);
        Listener first = Pieces.Listener(ListenMode.Tls, NamesOf443, RouteAction.Reject, 443);
        Listener second = Pieces.Listener(ListenMode.Tls, RouteTable.Empty, RouteAction.To(App), 9443);
        RequestRig rig = new(Pieces.Snapshot([Mapped, Silent, App, Elsewhere], http, first, second), http);
        Exchange exchange = await AskAsync(rig, "GET", "nobody.test", "/");
        Assert.Equal("https://nobody.test:9443/", exchange.Response.Headers.Location.ToString());
    }

    [Fact]
    public async Task A_listener_that_a_reload_removed_leads_nowhere()
    {
        RequestRig rig = Rig(RouteAction.To(App));
        rig.Plan = RequestRig.PlanOf(Pieces.Snapshot([Mapped]));
        foreach (string host in (string[])["mapped.example", "app.example", "nobody.test"])
            Assert.Equal(421, (await AskAsync(rig, "GET", host, "/")).Response.StatusCode);
        Assert.Empty(rig.Forwarded);
    }

    private static RequestRig Rig(RouteAction unknown)
    {
        Listener http = Pieces.Listener(ListenMode.Http, Names, unknown, 80);
        Listener other = Pieces.Listener(ListenMode.Tls, Names, unknown, 8443);
        Listener https = Pieces.Listener(ListenMode.Tls, NamesOf443, unknown, 443);
        return new RequestRig(Pieces.Snapshot([Mapped, Silent, App, Elsewhere], http, other, https), http);
    }

    private static async Task<Exchange> AskAsync(RequestRig rig, string method, string host, string target)
    {
        Exchange exchange = rig.Begin(method, target, host);
        await new PlainHandler(rig).HandleAsync(exchange);
        return exchange;
    }
}
