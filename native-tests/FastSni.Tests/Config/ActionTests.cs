using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public class ActionTests
{
    private const string Https = "[listen:https]\nmode = tls\naddress = :443\n";
    private const string Elsewhere = "[passthrough:default_RP]\nbackend = 127.0.0.1:8443\n";

    [Fact]
    public void The_defaults_are_offload_offload_and_reject()
    {
        Snapshot snapshot = ConfigFolder.SnapshotOf("[gateway]\n");
        (Listener https, Listener http) = (snapshot.Listeners[0], snapshot.Listeners[1]);
        Assert.Equal((RouteAction.Offload, RouteAction.Offload, RouteAction.Reject), (https.UnknownName, https.NoName, https.NotTls));
        Assert.Equal((RouteAction.Offload, RouteAction.Reject, RouteAction.Reject), (http.UnknownName, http.NoName, http.NotTls));
    }

    [Fact]
    public void An_action_may_name_an_offload_section_which_then_needs_no_names()
    {
        Snapshot snapshot = ConfigFolder.SnapshotOf(
            "[default]\naction = offload:App\nno-name-action = Offload\n[offload:app]\nbackend = http://x\n[passthrough:app]\nnames = a.org\nbackend = x\n");
        Assert.All(snapshot.Listeners, listener => Assert.Same(snapshot.Sections[0], listener.UnknownName.Section));
        Assert.True(snapshot.Listeners[0].UnknownName.IsOffload);
        Assert.Equal((null, true), (snapshot.Listeners[0].NoName.Section, snapshot.Listeners[0].NoName.IsOffload));
    }

    [Fact]
    public void A_reference_to_nothing_is_an_error_even_where_every_listener_overrides_it() => Assert.Equal(
        ["fastsni.ini:7: [default] action: there is no section [offload:app]: write one, or reject"],
        ConfigFolder.ErrorsOf($"{Https}action = reject\nno-name-action = reject\n[default]\naction = offload:app\n"));

    [Fact]
    public void A_listener_overrides_the_default()
    {
        Snapshot snapshot = ConfigFolder.SnapshotOf($"""
            [default]
            action = passthrough:default_RP
            no-name-action = Passthrough:DEFAULT_rp
            not-tls-action = passthrough:ssh
            [listen:https]
            mode = tls
            address = :443
            [listen:imaps]
            mode = tls
            address = :993
            action = reject
            no-name-action = passthrough:ssh
            not-tls-action = reject
            [passthrough:ssh]
            backend = 127.0.0.1:22
            {Elsewhere}
            """);
        (RouteSection ssh, RouteSection other) = (snapshot.Sections[0], snapshot.Sections[1]);
        Assert.Equal((other, other, ssh), Sections(snapshot.Listeners[0]));
        Assert.Equal((null, ssh, null), Sections(snapshot.Listeners[1]));
        Assert.Equal("passthrough:default_RP", other.Label);
    }

    [Theory]
    [InlineData("drop", "\"drop\" is no action: write offload, reject, offload:NAME or passthrough:NAME")]
    [InlineData("default_RP", "\"default_RP\" is no action: write offload, reject, offload:NAME or passthrough:NAME")]
    [InlineData("passthrough:", "\"passthrough:\" names no section: write offload, reject, offload:NAME or passthrough:NAME")]
    [InlineData("", "\"\" is no action: write offload, reject, offload:NAME or passthrough:NAME")]
    [InlineData("passthrough:defaultRP", "there is no section [passthrough:defaultRP]: did you mean default_RP?")]
    [InlineData("offload:", "\"offload:\" names no section: write offload, reject, offload:NAME or passthrough:NAME")]
    [InlineData("offload:default_RP", "there is no section [offload:default_RP]: write one, or reject")]
    [InlineData("passthrough:nobody", "there is no section [passthrough:nobody]: write one, or reject")]
    public void A_wrong_action_says_what_would_be_right(string action, string sentence) => Assert.Equal(
        [$"fastsni.ini:2: [default] action: {sentence}"],
        ConfigFolder.ErrorsOf($"[default]\naction = {action}\nno-name-action = passthrough:default_RP\n{Elsewhere}"));

    [Fact]
    public void A_section_without_names_needs_an_action_that_refers_to_it() => Assert.Equal(
        ["fastsni.ini:4: [passthrough:default_RP]: no name leads here and no action either: give it names, or write action = " +
            "passthrough:default_RP in [default], or remove it"],
        ConfigFolder.ErrorsOf(ConfigFolder.Reject + Elsewhere));

    [Fact]
    public void An_offload_section_without_names_needs_one_too() => Assert.Equal(
        ["fastsni.ini:4: [offload:app]: no name leads here and no action either: give it names, or write action = offload:app in [default], or remove it"],
        ConfigFolder.ErrorsOf(ConfigFolder.Reject + "[offload:app]\nbackend = http://x\n"));

    [Theory]
    [InlineData("action")]
    [InlineData("no-name-action")]
    [InlineData("not-tls-action")]
    public void Any_action_is_a_reference(string key)
    {
        string[] keys = ["action", "no-name-action", "not-tls-action"];
        string actions = string.Concat(keys.Select(each => $"{each} = {(each == key ? "passthrough:default_RP" : "reject")}\n"));
        Assert.Empty(ConfigFolder.ErrorsOf($"{Elsewhere}[default]\n{actions}"));
    }

    private static (RouteSection?, RouteSection?, RouteSection?) Sections(Listener listener) =>
        (listener.UnknownName.Section, listener.NoName.Section, listener.NotTls.Section);
}
