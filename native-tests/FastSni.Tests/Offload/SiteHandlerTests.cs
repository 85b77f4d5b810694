using FastSni.Config;
using FastSni.Http;
using FastSni.Offload;
using FastSni.Tests.Http;
using Xunit;

namespace FastSni.Tests.Offload;

public class SiteHandlerTests
{
    private static readonly OffloadSection App = Pieces.Offload(0, "app", Pieces.Shared);
    private static readonly OffloadSection Sibling = Pieces.Offload(1, "sibling", Pieces.Shared);
    private static readonly OffloadSection Guarded = Pieces.Offload(2, "guarded", Pieces.Guarded);
    private static readonly PassthroughSection Mapped = Pieces.Passthrough(3, "mapped", hasHttpBackend: true);
    private static readonly OffloadSection Fallback = Pieces.Offload(4, "fallback", Pieces.Shared);

    private static readonly RouteTable Names = RouteTable.Create(
        ("app.example", 0), ("*.wild.example", 1), ("guarded.example", 2), ("mapped.example", 3));

    [Theory]
    [InlineData("app.example", "offload:app")]
    [InlineData("APP.Example.:443", "offload:app")]
    [InlineData("a.wild.example", "offload:sibling")]
    public async Task A_host_whose_section_has_the_same_identity_is_served(string host, string route)
    {
        RequestRig rig = Rig(RouteAction.Offload, App, "app.example");
        Exchange exchange = await AskAsync(rig, host);
        Assert.Equal([route], rig.Forwarded);
        Assert.Equal(route, exchange.Route);
    }

    [Theory]
    [InlineData("guarded.example")]
    [InlineData("GUARDED.example.")]
    [InlineData("guarded.example:443")]
    [InlineData("mapped.example")]
    [InlineData("nobody.example")]
    [InlineData("192.0.2.1")]
    public async Task Any_other_host_is_misdirected(string host) => await AssertRefusedAsync(421, Rig(RouteAction.Offload, App, "app.example"), host);

    [Fact]
    public async Task A_client_certificate_for_one_site_is_none_for_another() =>
        await AssertRefusedAsync(421, Rig(RouteAction.Offload, Guarded, "guarded.example"), "app.example");

    [Theory]
    [InlineData("app.example", 421)]
    [InlineData("nobody.example", 404)]
    [InlineData("[::1]", 404)]
    public async Task The_default_site_has_a_page_for_hosts_that_nobody_has(string host, int status) =>
        await AssertRefusedAsync(status, Rig(RouteAction.Offload, null, "other.example"), host);

    [Fact]
    public async Task The_page_has_the_status_of_default()
    {
        Listener listener = Pieces.Listener(ListenMode.Tls, Names, RouteAction.Reject, 443);
        Snapshot snapshot = Pieces.Snapshot([App, Sibling, Guarded, Mapped, Fallback], listener) with { DefaultSite = new DefaultSite(Pieces.Shared, 410) };
        RequestRig rig = new(snapshot, listener, null, "other.example");
        await AssertRefusedAsync(410, rig, "nobody.example");
        Assert.Equal("410 Gone\n", rig.Body);
        await AskAsync(rig, "app.example");   // Its certificate is the default site's, too.
        Assert.Equal(["offload:app"], rig.Forwarded);
    }

    [Theory]
    [InlineData("app.example", 421)]
    [InlineData("a.wild.example", 421)]
    [InlineData("guarded.example", 421)]
    [InlineData("mapped.example", 421)]
    [InlineData("nobody.example", 404)]
    public async Task A_connection_without_a_name_gets_no_section_s_host(string host, int status) =>
        await AssertRefusedAsync(status, Rig(RouteAction.Offload, null, ""), host);

    [Fact]
    public async Task No_name_follows_its_own_action()
    {
        Listener listener = Pieces.Listener(ListenMode.Tls, Names, RouteAction.Reject, 443, noName: RouteAction.To(Fallback));
        RequestRig rig = new(Pieces.Snapshot([App, Sibling, Guarded, Mapped, Fallback], listener), listener, Fallback);
        await AskAsync(rig, "nobody.example");
        Assert.Equal(["offload:fallback"], rig.Forwarded);
        await AssertRefusedAsync(421, rig, "app.example");
    }

    [Fact]
    public async Task An_unknown_name_goes_to_the_section_of_the_action_if_the_identity_allows()
    {
        RequestRig rig = Rig(RouteAction.To(Fallback), App, "app.example");
        await AskAsync(rig, "nobody.example");
        Assert.Equal(["offload:fallback"], rig.Forwarded);
        await AssertRefusedAsync(421, Rig(RouteAction.To(Fallback), Guarded, "guarded.example"), "nobody.example");
        await AssertRefusedAsync(421, Rig(RouteAction.To(Guarded), App, "app.example"), "nobody.example");
        await AssertRefusedAsync(421, Rig(RouteAction.To(Mapped), App, "app.example"), "nobody.example");
        await AssertRefusedAsync(421, Rig(RouteAction.Reject, App, "app.example"), "nobody.example");
    }

    [Fact]
    public async Task Identities_are_compared_over_a_reload()
    {
        RequestRig rig = Rig(RouteAction.Offload, App, "app.example");
        Listener reloaded = Pieces.Listener(ListenMode.Tls, RouteTable.Create(("app.example", 1), ("new.example", 0)), RouteAction.Offload, 443);
        OffloadSection added = Pieces.Offload(0, "new", Pieces.Guarded);
        rig.Plan = RequestRig.PlanOf(Pieces.Snapshot([added, App with { Index = 1 }], reloaded));
        await AskAsync(rig, "app.example");
        Assert.Equal(["offload:app"], rig.Forwarded);
        await AssertRefusedAsync(421, rig, "new.example");
        await AssertRefusedAsync(421, rig, "guarded.example");
    }

    [Fact]
    public async Task A_connection_of_the_default_site_keeps_the_identity_it_was_made_with()
    {
        Listener listener = Pieces.Listener(ListenMode.Tls, Names, RouteAction.Offload, 443);
        Snapshot snapshot = Pieces.Snapshot([App, Sibling, Guarded, Mapped, Fallback], listener) with { DefaultSite = new DefaultSite(Pieces.Shared, 404) };
        RequestRig rig = new(snapshot, listener, null, "other.example");
        rig.Plan = RequestRig.PlanOf(snapshot with { DefaultSite = new DefaultSite(Pieces.Guarded, 404) });
        await AssertRefusedAsync(421, rig, "guarded.example");
        await AssertRefusedAsync(421, rig, "nobody.example");
        await AskAsync(rig, "app.example");
        Assert.Equal(["offload:app"], rig.Forwarded);
    }

    [Fact]
    public async Task A_connection_that_outlives_its_listener_is_sent_away()
    {
        RequestRig rig = Rig(RouteAction.Offload, App, "app.example");
        rig.Plan = RequestRig.PlanOf(Pieces.Snapshot([Mapped with { Index = 0 }]));
        await AssertRefusedAsync(421, rig, "app.example");
        await AssertRefusedAsync(421, rig, "nobody.example");
    }

    [Fact]
    public async Task A_bad_request_is_400_and_has_no_route()
    {
        RequestRig rig = Rig(RouteAction.Offload, App, "app.example");
        Exchange exchange = await AskAsync(rig, "app.example, app.example");
        Assert.Equal((400, "-"), (exchange.Response.StatusCode, exchange.Route));
        Assert.Empty(rig.Forwarded);
    }

    private static RequestRig Rig(RouteAction unknown, OffloadSection? section, string serverName)
    {
        Listener listener = Pieces.Listener(ListenMode.Tls, Names, unknown, 443);
        return new RequestRig(Pieces.Snapshot([App, Sibling, Guarded, Mapped, Fallback], listener), listener, section, serverName);
    }

    private static async Task<Exchange> AskAsync(RequestRig rig, string host)
    {
        Exchange exchange = rig.Begin("GET", "/", host);
        await new SiteHandler(rig).HandleAsync(exchange);
        return exchange;
    }

    private static async Task AssertRefusedAsync(int status, RequestRig rig, string host)
    {
        int forwarded = rig.Forwarded.Count;
        Exchange exchange = await AskAsync(rig, host);
        Assert.Equal((status, "reject", forwarded), (exchange.Response.StatusCode, exchange.Route, rig.Forwarded.Count));
    }
}
