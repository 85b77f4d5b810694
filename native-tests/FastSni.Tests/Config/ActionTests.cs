using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public class ActionTests
{
    private const string Https = "[listen:https]\nmode = tls\naddress = :443\n";
    private const string Elsewhere = "[passthrough:default_RP]\nbackend = 127.0.0.1:8443\n";

    [Fact]
    public void The_defaults_are_offload_and_an_empty_file_says_so() => Assert.Equal(
        ["fastsni.ini: [default] action: the default is offload, which this version doesn't have yet; write action = reject or passthrough:NAME",
         "fastsni.ini: [default] no-name-action: the default is offload, which this version doesn't have yet; write " +
         "no-name-action = reject or passthrough:NAME"],
        ConfigFolder.ErrorsOf(""));

    [Fact]
    public void The_error_points_to_the_section_where_there_is_one() => Assert.Equal(
        ["fastsni.ini:4: [default] no-name-action: the default is offload, which this version doesn't have yet; write " +
            "no-name-action = reject or passthrough:NAME"],
        ConfigFolder.ErrorsOf(Https + "[default]\naction = reject\n"));

    [Fact]
    public void Listeners_that_choose_for_themselves_need_no_default() =>
        Assert.Empty(ConfigFolder.ErrorsOf(Https + "action = reject\nno-name-action = reject\n"));

    [Fact]
    public void One_listener_without_its_own_choice_needs_the_default() => Assert.Equal(
        ["fastsni.ini: [default] action: the default is offload, which this version doesn't have yet; write action = reject or passthrough:NAME"],
        ConfigFolder.ErrorsOf(Https + "action = reject\nno-name-action = reject\n[listen:imaps]\nmode = tls\naddress = :993\n" +
            "no-name-action = reject\n"));

    [Fact]
    public void Tcp_listeners_need_no_default() =>
        Assert.Empty(ConfigFolder.ErrorsOf("[listen:smtp]\nmode = tcp\naddress = :25\nbackend = 192.0.2.1\n"));

    [Theory]
    [InlineData("offload")]
    [InlineData("offload:app")]
    public void Offload_is_an_error_even_where_every_listener_overrides_it(string action) => Assert.Equal(
        ["fastsni.ini:7: [default] action: offload is not built into this version yet: write reject or passthrough:NAME"],
        ConfigFolder.ErrorsOf($"{Https}action = reject\nno-name-action = reject\n[default]\naction = {action}\n"));

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
    [InlineData("drop", "\"drop\" is no action: write reject or passthrough:NAME")]
    [InlineData("default_RP", "\"default_RP\" is no action: write reject or passthrough:NAME")]
    [InlineData("passthrough:", "\"passthrough:\" names no section: write reject or passthrough:NAME")]
    [InlineData("", "\"\" is no action: write reject or passthrough:NAME")]
    [InlineData("passthrough:defaultRP", "there is no section [passthrough:defaultRP]: did you mean default_RP?")]
    [InlineData("passthrough:nobody", "there is no section [passthrough:nobody]: write one, or reject")]
    public void A_wrong_action_says_what_would_be_right(string action, string sentence) => Assert.Equal(
        [$"fastsni.ini:2: [default] action: {sentence}"],
        ConfigFolder.ErrorsOf($"[default]\naction = {action}\nno-name-action = passthrough:default_RP\n{Elsewhere}"));

    [Fact]
    public void A_section_without_names_needs_an_action_that_refers_to_it() => Assert.Equal(
        ["fastsni.ini:4: [passthrough:default_RP]: no name leads here and no action either: give it names, or write action = " +
            "passthrough:default_RP in [default], or remove it"],
        ConfigFolder.ErrorsOf(ConfigFolder.Reject + Elsewhere));

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
