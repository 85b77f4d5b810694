using Xunit;

namespace FastSni.Tests.Config;

/// <summary>Every name of the interface is known; one whose part of the program is missing says so, with what to do.</summary>
public class NotYetTests
{
    [Theory]
    [InlineData("[offload:app]\nnames = a.org\nbackend = http://192.0.2.1",
        "4: [offload:app]: offload is not built into this version yet: remove this section, and send its names to a server " +
        "that ends TLS itself with a [passthrough:NAME]")]
    [InlineData("[acme]\n", "4: [acme]: certificates by ACME are not built into this version yet: remove this section; a " +
        "passthrough backend gets its own certificates")]
    [InlineData("[acme]\nemail = a@example.org",
        "4: [acme]: certificates by ACME are not built into this version yet: remove this section; a passthrough backend gets its own certificates")]
    [InlineData("[bans]\nnever = 10.0.0.0/8",
        "4: [bans]: bans are not built into this version yet: remove this section, and use the firewall meanwhile")]
    [InlineData("[admin]\naddress = 127.0.0.1:9180",
        "5: [admin] address: the status page and its address are not built into this version yet: remove this key, or leave its value empty")]
    [InlineData("[admin]\nallow = 10.0.0.1",
        "5: [admin] allow: the status page and its address are not built into this version yet: remove this key, or leave its value empty")]
    [InlineData("[admin]\ntoken-file = /x",
        "5: [admin] token-file: the status page and its address are not built into this version yet: remove this key, or leave its value empty")]
    [InlineData("[default]\ncertificate = /x",
        "5: [default] certificate: it belongs to offload, which is not built into this version yet: remove this key")]
    [InlineData("[default]\ncertificate-key = /x",
        "5: [default] certificate-key: it belongs to offload, which is not built into this version yet: remove this key")]
    [InlineData("[default]\nstatus = 404", "5: [default] status: it belongs to offload, which is not built into this version yet: remove this key")]
    [InlineData("[default]\nnot-tls-action = offload",
        "5: [default] not-tls-action: bytes that are no TLS cannot be offloaded: write reject or passthrough:NAME")]
    [InlineData("[listen:a]\nmode = http\naddress = :80",
        "5: [listen:a] mode: mode = http is not built into this version yet: remove this listener, and leave port 80 to the web server you have")]
    [InlineData("[listen:a]\nmode = quic\naddress = :443",
        "5: [listen:a] mode: mode = quic is reserved and not built into this version yet: write tls or tcp")]
    [InlineData("[listen:a]\naccept-proxy = require\nmode = tls\naddress = :443",
        "5: [listen:a] accept-proxy: reading PROXY headers from clients is not built into this version yet: write accept-proxy = off")]
    [InlineData("[listen:a]\naccept-proxy = accept\nmode = tls\naddress = :443",
        "5: [listen:a] accept-proxy: reading PROXY headers from clients is not built into this version yet: write accept-proxy = off")]
    [InlineData("[listen:a]\naction = offload\nmode = tls\naddress = :443",
        "5: [listen:a] action: offload is not built into this version yet: write reject or passthrough:NAME")]
    [InlineData("[passthrough:a]\nhttp-backend = 192.0.2.1:80\nbackend = x\nnames = a.org",
        "5: [passthrough:a] http-backend: forwarding of port 80 is not built into this version yet: remove this key")]
    [InlineData("[passthrough:a]\nhealth-check = tcp\nbackend = x\nnames = a.org",
        "5: [passthrough:a] health-check: health checks are not built into this version yet: write health-check = off")]
    [InlineData("[passthrough:a]\nhealth-check = tls\nbackend = x\nnames = a.org",
        "5: [passthrough:a] health-check: health checks are not built into this version yet: write health-check = off")]
    public void A_name_whose_room_is_missing_says_so(string text, string message) =>
        Assert.Equal([$"fastsni.ini:{message}"], ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}{text}\n"));

    [Theory]
    [InlineData("[admin]\naddress =\nallow =\ntoken-file =")]
    [InlineData("[default]\ncertificate =\ncertificate-key =\nstatus =")]
    [InlineData("[passthrough:a]\nhttp-backend =\nbackend = x\nnames = a.org")]
    [InlineData("[passthrough:a]\nhealth-check = off\nhealth-interval = 5s\nhealth-name = b.org\nbackend = x\nnames = a.org")]
    [InlineData("[listen:a]\naccept-proxy = off\ntrusted-proxies = 10.0.0.0/8\nmode = tls\naddress = :443")]
    public void Such_a_key_may_stand_there_switched_off(string text) => Assert.Empty(ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}{text}\n"));

    [Theory]
    [InlineData("[offload:app]\nbackend = x\nbakend = x\nheader.X-Frame-Options = DENY\nheader. = x",
        "fastsni.ini:6: [offload:app] bakend: unknown key: did you mean backend?",
        "fastsni.ini:8: [offload:app] header.: unknown key")]
    [InlineData("[acme]\nagree-terms = maybe\nemial = x",
        "fastsni.ini:5: [acme] agree-terms: \"maybe\" is not known here: write on, off, yes, no, true or false",
        "fastsni.ini:6: [acme] emial: unknown key: did you mean email?")]
    public void Mistakes_inside_are_still_found(string text, params string[] messages) =>
        Assert.Equal(messages, ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}{text}\n").Skip(1));

    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    [InlineData("yes")]
    [InlineData("no")]
    [InlineData("True")]
    [InlineData("FALSE")]
    public void A_switch_has_six_words(string word) =>
        Assert.Single(ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}[acme]\nagree-terms = {word}\n"));
}
